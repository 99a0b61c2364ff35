import type { ActivePart } from './active-parts.js';
import type { PolicyPart, PolicySection } from './policy-part.js';

/** One step from a document to another: a part that comes, goes, or stands for another. `written`: the one to point at. */
export interface PolicyStep {
  readonly section: string;
  readonly before: ActivePart | undefined;
  readonly after: ActivePart | undefined;
  readonly written: ActivePart;
}

/** The steps between two sections, and the parts that differ only in their message. */
export interface SectionSteps {
  /** What comes, alone or for another. */
  readonly coming: readonly PolicyStep[];
  /** What only goes. To be taken after everything has come: then what was said twice over is seen to make no difference. */
  readonly going: readonly PolicyStep[];
  readonly reworded: readonly PolicyStep[];
}

/** Finds the steps between two sections of one key; either may be missing. */
export function sectionSteps(before: PolicySection | undefined, after: PolicySection | undefined): SectionSteps {
  const old = partsByKey(before);
  const now = partsByKey(after);
  const section = (after ?? before)?.key ?? '';
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, each]) => each);
  const added = [...now].filter(([key]) => !old.has(key)).map(([, each]) => each);
  const pairs = pairUp(gone, added);
  const paired = new Set([...pairs.entries()].flat());
  return {
    coming: added.map((each) => ({ section, before: pairs.get(each), after: each, written: each })),
    going: gone.filter((each) => !paired.has(each)).map((each) => ({ section, before: each, after: undefined, written: each })),
    reworded: [...now].flatMap(([key, each]) => {
      const was = old.get(key);
      return was === undefined || was.part.message === each.part.message ? [] : [{ section, before: was, after: each, written: each }];
    }),
  };
}

function partsByKey(section: PolicySection | undefined): ReadonlyMap<string, ActivePart> {
  return new Map(section?.parts.map((part) => [part.key, { section, part }]));
}

/** What stands in place of what: the same question of another value; then rules of which one is not looked into, such as expressions. */
function pairUp(gone: readonly ActivePart[], added: readonly ActivePart[]): ReadonlyMap<ActivePart, ActivePart> {
  const pairs = new Map<ActivePart, ActivePart>();
  const left = new Set(gone);
  const take = (each: ActivePart, fits: (old: PolicyPart, now: PolicyPart) => boolean): void => {
    const old = pairs.has(each) ? undefined : [...left].find(({ part }) => fits(part, each.part));
    if (old === undefined) return;
    left.delete(old);
    pairs.set(each, old);
  };
  for (const each of added) take(each, (old, now) => old.shape === now.shape);
  for (const each of added) take(each, (old, now) => old.body.kind === now.body.kind && (isOpaque(old) || isOpaque(now)));
  return pairs;
}

const OPAQUE = /(?:^|[ (])(?:cel|regex|host_in|host_not_in|matches_schema)(?:$|[ ),])/;

/** Whether a rule asks something whose answer is not looked into. */
export function isOpaque({ body, shape }: PolicyPart): boolean {
  return (body.kind === 'deny_if' || body.kind === 'require' || body.kind === 'approval' || body.kind === 'answer') && OPAQUE.test(shape);
}
