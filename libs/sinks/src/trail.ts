import type { NewDeadLetter } from './delivery-store.js';

/** A stretch of the stream that was settled. */
export interface Stretch {
  readonly to: number;
  readonly filtered: number;
  readonly deadLetters: readonly NewDeadLetter[];
}

interface Mark extends Stretch {
  readonly atMs: number;
}

const MOST_MARKS = 64;
const MOST_LETTERS = 500;

/**
 * What was sent and is not behind the cursor yet. For receivers that acknowledge, nothing stays here; for the others what was sent within the
 * last `resendMs`, and after a failure that goes out once more.
 */
export class Trail {
  private marks: readonly Mark[] = [];

  constructor(private readonly resendMs: number) {}

  /** @param nowMs Of a clock that never goes back, as everywhere here. */
  add(stretch: Stretch, nowMs: number): void {
    this.marks = [...this.marks, { ...stretch, atMs: nowMs }];
    if (this.marks.length > MOST_MARKS) this.marks = thinned(this.marks);
  }

  /** Takes what is long enough ago, as one stretch; null when nothing is. */
  take(nowMs: number): Stretch | null {
    const letters = this.marks.reduce((sum, mark) => sum + mark.deadLetters.length, 0);
    const passed = letters > MOST_LETTERS ? this.marks : this.marks.filter((mark) => nowMs - mark.atMs >= this.resendMs);
    this.marks = this.marks.slice(passed.length);
    return joined(passed);
  }

  /** Forgets it all: it goes out again. */
  forget(): void {
    this.marks = [];
  }
}

/** Every second mark joined to the one after it, whose later time holds for both. */
function thinned(marks: readonly Mark[]): readonly Mark[] {
  return marks.flatMap((mark, at) => {
    if (at % 2 === 0 && at + 1 < marks.length) return [];
    const before = at % 2 === 0 ? undefined : marks[at - 1];
    return before === undefined ? [mark] : [{ ...mark, ...joinTwo(before, mark) }];
  });
}

function joined(marks: readonly Stretch[]): Stretch | null {
  const [first, ...rest] = marks;
  return first === undefined ? null : rest.reduce(joinTwo, { to: first.to, filtered: first.filtered, deadLetters: first.deadLetters });
}

function joinTwo(one: Stretch, other: Stretch): Stretch {
  return { to: other.to, filtered: one.filtered + other.filtered, deadLetters: [...one.deadLetters, ...other.deadLetters] };
}
