import type { OutgoingBatch } from '../sink.js';
import type { SinkPlan } from '../sink-plan.js';
import { ExportWorld, type WorldWish } from './export-world.js';
import { InProcessReceiver, type InProcessWish } from './in-process-sink-type.js';

/** What a receiver that takes nothing answers. */
export const AWAY = { kind: 'unavailable', reason: 'away' } as const;

/** A world with a receiver and a sink to it, that no exporter runs yet. */
export function aSinkAtWork(kind: InProcessWish = {}, wish: WorldWish = {}): { readonly world: ExportWorld; readonly receiver: InProcessReceiver; readonly plan: SinkPlan } {
  const world = new ExportWorld(wish);
  const receiver = new InProcessReceiver();
  return { world, receiver, plan: world.plan(receiver, { kind }) };
}

/** Every batch that is tried; the first `failing` find nobody. */
export function recordBatches(receiver: InProcessReceiver, failing = 0): readonly OutgoingBatch[] {
  const batches: OutgoingBatch[] = [];
  receiver.behave((batch) => {
    batches.push(batch);
    return batches.length <= failing ? AWAY : receiver.keep(batch);
  });
  return batches;
}
