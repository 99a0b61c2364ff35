import { isCardNumber } from './card-issuers.js';
import { beginsAt, type TextMatch } from './text-match.js';

/** Digits in groups, with one separator a gap; runs of digits end where the text says so, so that no stretch is read twice. */
const RUN = /\d+(?:[ \u00a0\u2009.\u2010-\u2013-]\d+)*/g;
const WORD = /[\p{L}_]/u;
/** ASCII letters apart, which may end an escape. */
const FOREIGN_WORD = /_|(?!\p{ASCII})\p{L}/u;
/** How cards are printed: by fours, 4-6-5 and 4-6-4, by sixes. The last group of fours may be shorter or longer. */
const LAYOUTS = [/^(?:4,){2,4}[1-7]$/, /^4,6,[45]$/, /^6,1[0-3]$/, /^6,6,[1-7]$/, /^4,5,[67]$/];
const MOST_GROUPS = 5;
const FEWEST = 12;
const MOST = 19;

interface Group {
  readonly start: number;
  readonly end: number;
  /** What stands before the group. */
  readonly gap: string;
}

/** The detector `credit_card`: numbers in an issuer's range with a right check digit, written together or in groups as on cards. */
export function findCards(text: string): readonly TextMatch[] {
  const found: TextMatch[] = [];
  for (const run of text.matchAll(RUN)) {
    if (run[0].length >= FEWEST) found.push(...cardsIn(text, groupsOf(run[0], run.index)));
  }
  return found;
}

function groupsOf(run: string, at: number): readonly Group[] {
  return Array.from(run.matchAll(/\d+/g), (match) => ({ start: at + match.index, end: at + match.index + match[0].length, gap: run[match.index - 1] ?? '' }));
}

function cardsIn(text: string, groups: readonly Group[]): readonly TextMatch[] {
  const found: TextMatch[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    const last = lastOfCard(text, groups, first);
    const start = groups[first]?.start;
    const end = last === undefined ? undefined : groups[last]?.end;
    if (last === undefined || start === undefined || end === undefined) continue;
    found.push({ start, end });
    first = last;
  }
  return found;
}

/** The index of the group that ends the longest card that begins with group `first`. */
function lastOfCard(text: string, groups: readonly Group[], first: number): number | undefined {
  for (let last = Math.min(groups.length, first + MOST_GROUPS) - 1; last >= first; last -= 1) {
    if (isCard(text, groups.slice(first, last + 1), groups[last + 1]?.gap)) return last;
  }
  return undefined;
}

function isCard(text: string, groups: readonly Group[], gapAfter: string | undefined): boolean {
  const [first, second] = groups;
  const last = groups.at(-1);
  const count = groups.reduce((sum, group) => sum + group.end - group.start, 0);
  if (first === undefined || last === undefined || count < FEWEST || count > MOST) return false;
  if (second !== undefined && (groups.slice(2).some((group) => group.gap !== second.gap) || !isLaidOut(groups))) return false;
  return isStandingAlone(text, first, last, gapAfter) && isCardNumber(groups.map((group) => text.slice(group.start, group.end)).join(''));
}

function isLaidOut(groups: readonly Group[]): boolean {
  const lengths = groups.map((group) => group.end - group.start).join(',');
  return LAYOUTS.some((layout) => layout.test(lengths));
}

/** Not part of a word, of a decimal number, or of a longer dotted or dashed number such as a version or an identifier. */
function isStandingAlone(text: string, first: Group, last: Group, gapAfter: string | undefined): boolean {
  if (first.gap === '.' || first.gap === '-' || gapAfter === '.' || gapAfter === '-') return false;
  if (first.gap === '' && (!beginsAt(text, first.start) || FOREIGN_WORD.test(text[first.start - 1] ?? ''))) return false;
  return !WORD.test(text[last.end] ?? '');
}
