import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { InProcessStatusBoard, type StatusSource } from './in-process-status-board.js';

const ACME = branded<OrganisationId>('acme');
const revision = (n: number): Revision => branded<Revision>(n);

class Worker implements StatusSource {
  nudged = 0;
  private readonly listeners = new Set<() => void>();
  private applied = 0;

  constructor(
    private readonly workerId: string,
    private readonly state: 'ready' | 'stale' | 'stopped' = 'ready',
  ) {}

  apply(n: number): void {
    this.applied = n;
    for (const listener of this.listeners) listener();
  }

  status() {
    return { workerId: this.workerId, state: this.state, stampAgeMs: 0, applied: new Map([[ACME, revision(this.applied)]]) };
  }

  onApplied(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  nudge(): void {
    this.nudged += 1;
  }
}

describe('status board', () => {
  it('answers at once when every worker has the revision, after asking each to look', async () => {
    const worker = new Worker('a');
    worker.apply(3);
    expect(await new InProcessStatusBoard([worker]).whenEnforced(ACME, revision(3), 1_000)).toEqual({ reached: true, outstanding: [] });
    expect(worker.nudged).toBe(1);
  });

  it('waits for the last worker', async () => {
    const [a, b] = [new Worker('a'), new Worker('b')];
    const waiting = new InProcessStatusBoard([a, b]).whenEnforced(ACME, revision(2), 60_000);
    a.apply(2);
    b.apply(2);
    expect(await waiting).toEqual({ reached: true, outstanding: [] });
  });

  it('names who is behind when the time is up, and expects nothing of a worker that has stopped', async () => {
    const [a, b, gone] = [new Worker('a'), new Worker('b'), new Worker('gone', 'stopped')];
    a.apply(2);
    expect(await new InProcessStatusBoard([a, b, gone]).whenEnforced(ACME, revision(2), 1)).toEqual({ reached: false, outstanding: ['b'] });
  });
});
