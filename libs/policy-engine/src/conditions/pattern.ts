import { ok, refuse, type Result } from '@sallyport/kernel';
import { RE2JS } from 're2js';

const MAX_PATTERN = 256;
const MAX_COST = 3_000;
const PROPERTY_COST = 32;
const CLASS_COST = 4;

/** A pattern ready to search with, in time linear in the text. */
export interface Pattern {
  /** Whether the pattern occurs anywhere in the text. */
  find(text: string): boolean;
  /** How many instructions each character may cost at most. */
  readonly size: number;
}

/**
 * Compiles a pattern of the RE2 dialect: no look-around, no back references.
 *
 * @returns A sentence when the pattern is over 256 characters, would grow too large by its counted repeats, or is not of the dialect.
 */
export function compilePattern(text: string): Result<Pattern, string> {
  if (text.length > MAX_PATTERN) return refuse(`A pattern has at most ${MAX_PATTERN} characters.`);
  if (patternCost(text) > MAX_COST) return refuse('This pattern grows too large; use fewer or smaller counted repeats and character classes.');
  try {
    const compiled = RE2JS.compile(text);
    return ok({ find: (subject) => compiled.test(subject), size: compiled.programSize() });
  } catch (caught) {
    return refuse(`This is not a pattern of the linear-time dialect: ${reasonOf(caught)}.`);
  }
}

/** Compiles each pattern once, however often it stands in a document. */
export class PatternCache {
  private readonly compiled = new Map<string, Result<Pattern, string>>();

  get(text: string): Result<Pattern, string> {
    const known = this.compiled.get(text);
    if (known !== undefined) return known;
    const fresh = compilePattern(text);
    this.compiled.set(text, fresh);
    return fresh;
  }
}

/**
 * Estimates what compiling costs, before compiling: about one unit an instruction, counted repeats multiplied out,
 * Unicode properties dear. Publishing adds these up, so that no document of 256 KiB can keep a thread busy.
 */
export function patternCost(text: string): number {
  const open: number[] = [];
  let sum = 0;
  let atom = 0;
  for (const [token] of text.matchAll(/\\[pP](?:\{[^}]*\}|.)|\\.|\{\d+(?:,\d*)?\}|\[:|[^]/gs)) {
    const repeats = /^\{(\d+)(?:,(\d*))?\}$/.exec(token);
    if (repeats !== null) {
      sum += atom * (Math.max(Number(repeats[1]), Number(repeats[2] ?? 0)) - 1);
      atom *= Math.max(1, Number(repeats[1]), Number(repeats[2] ?? 0));
    } else if (token === '(') {
      open.push(sum);
    } else if (token === ')') {
      atom = sum - (open.pop() ?? 0);
    } else {
      atom = tokenCost(token);
      sum += atom;
    }
  }
  return sum;
}

function tokenCost(token: string): number {
  if (/^\\[pP]/.test(token)) return PROPERTY_COST;
  return token === '[' || token === '\\' ? CLASS_COST : 1;
}

function reasonOf(caught: unknown): string {
  return caught instanceof Error ? caught.message.replace(/^error parsing regexp: /, '') : 'it cannot be read';
}
