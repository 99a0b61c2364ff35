import { compileGlob, isGlob } from '../visibility.js';

/** A class of names: the globs that match every name of it; no other glob that was asked about matches any. */
export type GlobClass = ReadonlySet<string>;

/** A few milliseconds' work. */
const MOST_STEPS = 50_000;
/** About a fifth of a second's work. */
const MOST_STEPS_OF_ORDER = 1_000_000;
const MOST_CLASSES = 64;

/**
 * Divides all names by the globs that match them: every class holds a name, and every name is of one class.
 *
 * @param allowance Steps that it may take; counted down.
 * @returns undefined where that would be too many classes, or take more steps than there are.
 */
export function globClasses(globs: readonly string[], allowance: { steps: number } = { steps: MOST_STEPS }): readonly GlobClass[] | undefined {
  const asked = [...new Set(globs)];
  const readers = asked.map((glob) => new GlobReader(glob));
  const letters = [...new Set(readers.flatMap((reader) => reader.letters)), ANY_OTHER];
  const start = readers.map(() => 0);
  const seen = new Set([start.join()]);
  const classes = new Map<string, GlobClass>();
  const waiting = [start];
  for (let states = waiting.pop(); states !== undefined; states = waiting.pop()) {
    const found = asked.filter((_, index) => readers[index]?.isMatch(states?.[index] ?? 0));
    classes.set(found.join('\n'), new Set(found));
    allowance.steps -= letters.length * readers.length;
    if (classes.size > MOST_CLASSES || allowance.steps < 0) return undefined;
    for (const letter of letters) {
      const next = readers.map((reader, index) => reader.after(states?.[index] ?? 0, letter));
      const key = next.join();
      if (seen.has(key)) continue;
      seen.add(key);
      waiting.push(next);
    }
  }
  return [...classes.values()];
}

/** Tells which globs lie within which. What it says of two it says again; once it has taken too many steps it claims nothing new. */
export class GlobOrder {
  private readonly allowance = { steps: MOST_STEPS_OF_ORDER };
  private readonly known = new Map<string, boolean>();

  /** Whether every name that one glob matches is matched by another; when that is too long in the finding, no. */
  isWithin(narrow: string, wide: string): boolean {
    if (!isGlob(narrow) || !isGlob(wide)) return compileGlob(wide)(narrow);
    const [head = ''] = wide.split('*');
    const tail = wide.slice(wide.lastIndexOf('*') + 1);
    if (!narrow.startsWith(head) || !narrow.endsWith(tail)) return false;
    const pair = `${narrow}\n${wide}`;
    const before = this.known.get(pair);
    if (before !== undefined) return before;
    const is = this.isEveryName(narrow, wide);
    this.known.set(pair, is);
    return is;
  }

  private isEveryName(narrow: string, wide: string): boolean {
    if (this.allowance.steps <= 0) return false;
    return globClasses([narrow, wide], this.allowance)?.every((found) => !found.has(narrow) || found.has(wide)) ?? false;
  }
}

/** A letter that no glob names. */
const ANY_OTHER = '';

/** Reads names letter by letter against one glob. A state, from 0, stands for the places of the glob that reading may have come to. */
class GlobReader {
  readonly letters: readonly string[];
  private readonly signs: readonly string[];
  private readonly numbers = new Map<string, number>();
  private readonly places: (readonly number[])[] = [];
  private readonly steps: Map<string, number>[] = [];

  constructor(glob: string) {
    this.signs = [...glob];
    this.letters = this.signs.filter((sign) => sign !== '*');
    this.stateOf([0]);
  }

  isMatch(state: number): boolean {
    return this.places[state]?.includes(this.signs.length) ?? false;
  }

  after(state: number, letter: string): number {
    const known = this.steps[state]?.get(letter);
    if (known !== undefined) return known;
    const next = (this.places[state] ?? []).flatMap((place) => (this.signs[place] === '*' ? [place] : this.signs[place] === letter ? [place + 1] : []));
    const reached = this.stateOf(next);
    this.steps[state]?.set(letter, reached);
    return reached;
  }

  /** A star may also stand for nothing. */
  private stateOf(from: readonly number[]): number {
    const places = new Set<number>();
    for (let place of from) {
      places.add(place);
      for (; this.signs[place] === '*'; place += 1) places.add(place + 1);
    }
    const sorted = [...places].sort((left, right) => left - right);
    const key = sorted.join();
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.places.push(sorted) - 1);
    this.steps.push(new Map());
    return this.places.length - 1;
  }
}
