import { organisationOfKey, type CounterAsk } from '@sallyport/counter-store';
import { formatDecimal, type Scheduler } from '@sallyport/kernel';

import type { CounterKeys } from './counter-keys.js';
import { RENEW } from './scripts/renew.lua.js';
import type { Script } from './scripts/script.js';

/** How calls in flight are kept alive. */
export interface LeaseParts {
  readonly keys: CounterKeys;
  readonly scheduler: Scheduler;
  readonly leaseMs: number;
  readonly graceMs: number;
  /** The store's time for the scripts; empty: Redis' own. */
  nowArgument(): string;
  /** Sends a script; failures are the caller's to notice. */
  send(script: Script, keys: readonly string[], args: readonly string[]): void;
}

interface HeldCall {
  readonly reservationId: string;
  readonly asks: readonly CounterAsk[];
}

const CALLS_PER_SCRIPT = 500;

/** This worker's calls in flight: says three times in each lease that they still are, so that those of a dead worker end by themselves. */
export class Leases {
  private readonly held = new Map<string, HeldCall>();
  private callOff: (() => void) | null = null;

  constructor(private readonly parts: LeaseParts) {}

  /** The call holds these asks from now on; only those for calls in flight matter. */
  add(reservationId: string, asks: readonly CounterAsk[]): void {
    const flying = asks.filter((ask) => ask.algorithm === 'concurrent');
    if (flying.length === 0) return;
    this.held.set(reservationId, { reservationId, asks: flying });
    this.callOff ??= this.later();
  }

  /** The call ended. */
  remove(reservationId: string): void {
    this.held.delete(reservationId);
  }

  /** Stops renewing. */
  end(): void {
    this.held.clear();
    this.callOff?.();
  }

  private later(): () => void {
    return this.parts.scheduler.after(this.parts.leaseMs / 3, () => {
      this.callOff = null;
      if (this.held.size === 0) return;
      for (const calls of this.byOrganisation().values()) this.renew(calls);
      this.callOff = this.later();
    });
  }

  private byOrganisation(): ReadonlyMap<string, readonly HeldCall[]> {
    const groups = new Map<string, HeldCall[]>();
    for (const call of this.held.values()) {
      const organisationId = organisationOfKey(call.asks[0]?.key ?? '');
      const group = groups.get(organisationId);
      if (group === undefined) groups.set(organisationId, [call]);
      else group.push(call);
    }
    return groups;
  }

  private renew(calls: readonly HeldCall[]): void {
    const { keys, leaseMs, graceMs } = this.parts;
    for (let first = 0; first < calls.length; first += CALLS_PER_SCRIPT) {
      const named: string[] = [];
      const args: string[] = [this.parts.nowArgument(), String(leaseMs), String(graceMs)];
      for (const { reservationId, asks } of calls.slice(first, first + CALLS_PER_SCRIPT)) {
        for (const ask of asks) {
          named.push(...keys.of(ask));
          args.push(reservationId, formatDecimal(ask.units));
        }
      }
      this.parts.send(RENEW, named, args);
    }
  }
}
