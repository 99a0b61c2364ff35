import type { ExportParts } from './export-parts.js';
import type { SinkExporter } from './sink-exporter.js';

/** A sink that came back because nobody else took it stays for so long. */
const STAY_MS = 600_000;

/**
 * Keeps a fleet at its share of the sinks: of n fleets that are there each has at most an nth, rounded up. What is over that is given back
 * between two batches, and a fleet that has its share takes only what others leave lying for the time of a lease: so a fleet that comes is
 * given some, those of one that dies are shared out, and no sink is without an exporter because of it.
 */
export class FleetBalance {
  private fleets = 1;
  private looking: Promise<void> | null = null;
  private callOff = (): void => undefined;
  private over = false;

  /** @param exporters One for each sink that there is. */
  constructor(
    private readonly parts: Pick<ExportParts, 'store' | 'clock' | 'scheduler' | 'limits'>,
    private readonly fleet: string,
    private readonly exporters: () => readonly SinkExporter[],
  ) {}

  /** Begins. Once. */
  start(): void {
    this.looking ??= this.look();
  }

  /** For how long this fleet leaves a sink that is free to others. */
  get patienceMs(): number {
    return this.held().length < this.share ? 0 : this.parts.limits.leaseMs;
  }

  /** Others need not reckon with this fleet any more. */
  async end(): Promise<void> {
    this.over = true;
    this.callOff();
    await this.looking;
    await this.parts.store.leave(this.fleet).catch(() => undefined); // forgotten when its attendance runs out
  }

  private held(): readonly SinkExporter[] {
    return this.exporters().filter(({ isHolding }) => isHolding);
  }

  private get share(): number {
    return this.fleets <= 1 ? Infinity : Math.ceil(this.exporters().length / this.fleets);
  }

  /** A store that does not answer leaves the fleets as they were. */
  private async look(): Promise<void> {
    const { store, scheduler, limits } = this.parts;
    this.fleets = await store.attend(this.fleet, limits.leaseMs).catch(() => this.fleets);
    if (this.over) return;
    this.giveBack();
    this.callOff = scheduler.after(limits.leaseMs / 3, () => {
      this.looking = this.look();
    });
  }

  /** The same ones as long as they have not gone. Receivers that acknowledge nothing get twice what was sent last when their exporter changes: they go last. */
  private giveBack(): void {
    const held = this.held();
    const surplus = held.length - this.share;
    if (surplus <= 0) return;
    const movable = held.filter(({ cameBackMs }) => cameBackMs === null || this.parts.clock.monotonicMs() - cameBackMs >= STAY_MS);
    const inOrder = [...movable].sort((one, other) => one.plan.type.resendMs - other.plan.type.resendMs);
    for (const exporter of inOrder.slice(0, surplus)) exporter.handOver();
  }
}
