import type { Detector } from '../document.js';
import { findCards } from './find-cards.js';
import { findEmails } from './find-emails.js';
import { findIbans } from './find-ibans.js';
import { findJwts } from './find-jwts.js';
import { continuePrivateKey, findPrivateKeys } from './find-private-keys.js';
import { findSecrets } from './find-secrets.js';
import { looksSecret } from './looks-secret.js';
import { maskText } from './mask-text.js';
import { stricter, type PlannedDetector } from './redaction-plan.js';
import { secretKindOf } from './secret-names.js';
import type { TextMatch } from './text-match.js';

/** Hashes a value with a key of its own, so that equal values stay recognisable and none can be guessed. ASCII letters and digits. */
export type KeyedHash = (value: string) => string;

/** A text with what was found replaced, and the detectors that found something. */
export interface RedactedText {
  readonly text: string;
  readonly hits: readonly PlannedDetector[];
}

interface Found extends TextMatch {
  /** What settles the stretch. */
  readonly by: PlannedDetector;
  /** Whether it is masked as a secret, which keeps least: several finds overlap in it. */
  readonly isJoined: boolean;
  readonly hits: readonly PlannedDetector[];
}

/** Finds and replaces in texts, one after the other: a private key may go on from one text to the next. */
export class TextRedactor {
  private readonly keyDetectors: readonly PlannedDetector[];
  /** What keys come to, which answers repeat much; null where nothing is found. */
  private readonly keys = new Map<string, RedactedText | null>();
  private keyIsOpen = false;

  constructor(
    private readonly detectors: readonly PlannedDetector[],
    private readonly hash: KeyedHash,
  ) {
    this.keyDetectors = detectors.filter(({ detector }) => detector !== 'private_key');
  }

  /**
   * Replaces what is found in a text; undefined where nothing is.
   *
   * @param name The key the text stands under, which may name it a secret.
   */
  redact(text: string, name?: string): RedactedText | undefined {
    return this.redactBy(this.detectors, text, name);
  }

  /** Replaces what is found in an object's key; undefined where nothing is. */
  redactKey(key: string): RedactedText | undefined {
    const known = this.keys.get(key);
    if (known !== undefined) return known === null ? undefined : known;
    const redacted = this.redactBy(this.keyDetectors, key, undefined);
    if (this.keys.size < MOST_KEYS_KEPT) this.keys.set(key, redacted ?? null);
    return redacted;
  }

  private redactBy(detectors: readonly PlannedDetector[], text: string, name: string | undefined): RedactedText | undefined {
    const found = joinedFinds(detectors.flatMap((by) => this.find(by, text, name).map((match) => ({ ...match, by, isJoined: false, hits: [by] }))));
    if (found.length === 0) return undefined;
    let replaced = '';
    let from = 0;
    for (const find of found) {
      replaced += text.slice(from, find.start) + replacement(find, text.slice(find.start, find.end), this.hash);
      from = find.end;
    }
    return { text: replaced + text.slice(from), hits: [...new Set(found.flatMap((find) => find.hits))] };
  }

  private find({ detector }: PlannedDetector, text: string, name: string | undefined): readonly TextMatch[] {
    if (text.length < LEAST_LENGTHS[detector] && !(detector === 'private_key' && this.keyIsOpen)) return NONE;
    if (detector === 'private_key') return this.findKeys(text);
    if (detector === 'secret' && isNamedSecret(text, name)) return [{ start: 0, end: text.length }];
    return FINDERS[detector](text);
  }

  private findKeys(text: string): readonly TextMatch[] {
    const rest = this.keyIsOpen ? continuePrivateKey(text) : { matches: [], isOpen: false };
    const from = rest.matches[0]?.end ?? 0;
    const keys = findPrivateKeys(text.slice(from));
    this.keyIsOpen = rest.isOpen || keys.isOpen;
    return [...rest.matches, ...keys.matches.map(({ start, end }) => ({ start: start + from, end: end + from }))];
  }
}

/** What takes the place of a find that says `found`: `[email:<hash>]` where it is hashed, nothing where it is removed. */
function replacement({ by, isJoined }: Found, found: string, hash: KeyedHash): string {
  switch (by.action) {
    case 'mask':
      return maskText(isJoined ? 'secret' : by.detector, found);
    case 'hash':
      return `[${by.detector}:${hash(found)}]`;
    case 'remove':
      return '';
  }
}

const FINDERS: Readonly<Record<Exclude<Detector, 'private_key'>, (text: string) => readonly TextMatch[]>> = {
  secret: findSecrets,
  email: findEmails,
  credit_card: findCards,
  iban: findIbans,
  jwt: findJwts,
};

/** No find of a detector is shorter. */
const LEAST_LENGTHS: Readonly<Record<Detector, number>> = { secret: 8, email: 6, credit_card: 12, iban: 15, jwt: 16, private_key: 24 };
const NONE: readonly TextMatch[] = [];
const MOST_KEYS_KEPT = 1_000;

function isNamedSecret(text: string, name: string | undefined): boolean {
  const kind = name === undefined ? undefined : secretKindOf(name);
  return kind !== undefined && looksSecret(text, kind);
}

function joinedFinds(finds: readonly Found[]): readonly Found[] {
  const sorted = [...finds].sort((left, right) => left.start - right.start || right.end - left.end);
  const result: Found[] = [];
  for (const find of sorted) {
    const last = result.at(-1);
    if (last === undefined || find.start >= last.end) result.push(find);
    else result[result.length - 1] = joinedFind(last, find);
  }
  return result;
}

/** The first of two overlapping finds starts first. What lies wholly in another kind of find is replaced with it; only a secret shows less than what it lies in. */
function joinedFind(first: Found, second: Found): Found {
  return {
    start: first.start,
    end: Math.max(first.end, second.end),
    by: stricter(first.by, second.by),
    isJoined: first.isJoined || second.end > first.end || second.by.detector === 'secret',
    hits: [...first.hits, ...second.hits],
  };
}
