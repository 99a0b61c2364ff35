import type { EpochMs } from '@sallyport/kernel';

/** A mark and for how long it is borne. */
export interface LeftMark {
  readonly mark: string;
  readonly seconds: number;
}

/**
 * What identities did that later calls are judged by: marks that end by themselves. What every adapter promises: what was left is
 * borne until its time is over, whichever call asks; one that is borne longer already stays; no name makes one identity's mark another's.
 */
export interface MarkStore {
  /**
   * Those of the marks that the bearer bears now. Answers without a promise where nothing has to be waited for.
   *
   * @param bearer `<organisation>/<identity>`.
   * @throws {Fault} `counter.unavailable` when the store cannot answer: who needs to know denies.
   */
  borne(bearer: string, marks: readonly string[], atMs: EpochMs): readonly string[] | Promise<readonly string[]>;
  /**
   * The bearer bears these marks from now on.
   *
   * @throws {Fault} `counter.unavailable` when they could not be kept for all workers; this one knows them all the same.
   */
  leave(bearer: string, marks: readonly LeftMark[], atMs: EpochMs): void | Promise<void>;
}
