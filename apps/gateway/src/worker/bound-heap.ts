import { setFlagsFromString } from 'node:v8';

/** How much a heap may grow, over what was alive, before the next full collection, per cent. */
const GROWTH_PERCENT = 25;

/**
 * Lets this process's heap grow by a quarter at a time instead of up to fourfold. Most of a worker's heap is state that stays, and
 * reading it at the start leaves garbage that a heap once grown for it never gives back: 390 MB of memory for 160 MB that are held, against 300.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
