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
/** 19 digits with a separator between each two groups. */
const LONGEST = 19 + MOST_GROUPS - 1;

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
  let from = 0;
  for (const [index, first] of groups.entries()) {
    const card = first.start < from ? undefined : longestCard(text, first, groups.slice(index + 1, index + 1 + MOST_GROUPS));
    if (card === undefined) continue;
    found.push(card);
    from = card.end;
  }
  return found;
}

/** The longest card that begins with a group, of those that follow it in its run. */
function longestCard(text: string, first: Group, following: readonly Group[]): TextMatch | undefined {
  for (let count = Math.min(following.length, MOST_GROUPS - 1); count >= 0; count -= 1) {
    const further = following.slice(0, count);
    const { end } = further.at(-1) ?? first;
    if (end - first.start > LONGEST) continue;
    if (isCard(text, [first, ...further]) && isStandingAlone(text, { ...first, end }, following[count]?.gap)) return { start: first.start, end };
  }
  return undefined;
}

function isCard(text: string, groups: readonly Group[]): boolean {
  const [, second] = groups;
  if (second !== undefined && !(groups.slice(2).every(({ gap }) => gap === second.gap) && isLaidOut(groups))) return false;
  return isCardNumber(groups.map((group) => text.slice(group.start, group.end)).join(''));
}

function isLaidOut(groups: readonly Group[]): boolean {
  const lengths = groups.map((group) => group.end - group.start).join(',');
  return LAYOUTS.some((layout) => layout.test(lengths));
}

/** Not part of a word, of a decimal number, or of a longer dotted or dashed number such as a version or an identifier. */
function isStandingAlone(text: string, { start, end, gap }: Group, gapAfter: string | undefined): boolean {
  if (gap === '.' || gap === '-' || gapAfter === '.' || gapAfter === '-') return false;
  return beginsAt(text, start) && !FOREIGN_WORD.test(text.charAt(start - 1)) && !WORD.test(text.charAt(end));
}
