export interface PlannedFault {
  readonly part: string;
  readonly how: string;
  readonly worker: number | null;
  readonly atMs: number;
  readonly forMs: number;
}
export const FAULTS: readonly { readonly part: string; readonly how: string }[];
export function randomFrom(seed: number): () => number;
export function planFaults(options: { readonly seed: number; readonly totalMs: number; readonly workers: number }): readonly PlannedFault[];
