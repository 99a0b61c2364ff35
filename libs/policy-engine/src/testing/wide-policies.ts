import fc from 'fast-check';

import { smallDocument, type SmallDocument, type WrittenRule } from './small-policies.js';

/** A class of calls as documents write it. */
export interface WrittenCalls {
  readonly category?: readonly string[];
  readonly risk?: readonly string[];
  readonly name?: readonly string[];
  readonly server?: readonly string[];
  readonly annotations?: object;
}

/** A flow as documents write it. */
export interface WrittenFlow {
  readonly after: WrittenCalls & { readonly marks: string };
  readonly deny: WrittenCalls;
  readonly within?: string | number;
  readonly unless?: 'approval';
}

/** A small document with flows, and with limits and answers of more kinds. */
export interface WideDocument extends SmallDocument {
  readonly flows: readonly WrittenFlow[];
}

/** Over few tools and servers, so that flows often meet. */
const calls: fc.Arbitrary<WrittenCalls> = fc
  .record(
    {
      category: fc.subarray(['Read', 'Financial'], { minLength: 1 }),
      risk: fc.subarray(['Low', 'High'], { minLength: 1 }),
      name: fc.subarray(['ask', 'buy', 'b*', '*'], { minLength: 1 }),
      server: fc.subarray(['billing', 'mail'], { minLength: 1 }),
      annotations: fc.constant({ readOnlyHint: true }),
    },
    { requiredKeys: [] },
  )
  .map((made) => (Object.keys(made).length === 0 ? { name: ['*'] } : made));

/** A few flows of two marks. */
export const arbitraryFlows: fc.Arbitrary<readonly WrittenFlow[]> = fc.array(
  fc
    .tuple(calls, fc.constantFrom('m', 'n'), calls, fc.constantFrom(undefined, 'session', '1h', 60), fc.boolean())
    .map(([after, marks, deny, within, isLifted]) => ({ after: { ...after, marks }, deny, ...(within === undefined ? {} : { within }), ...(isLifted ? { unless: 'approval' as const } : {}) })),
  { maxLength: 3 },
);

const extras: fc.Arbitrary<object> = fc.record(
  {
    response: fc.constantFrom({ max_bytes: 10 }, { max_bytes: 20 }, { redact: [{ detector: 'email', action: 'mask' }] }, { redact: [{ path: 'structuredContent.ssn', action: 'remove' }], max_bytes: 10 }),
    limits: fc.constantFrom([{ counter: 'slide', window: 60, max: 5, algorithm: 'sliding' }], [{ counter: 'flying', window: 'concurrent', max: 2, class: 'soft' }], [{ counter: 'sums', window: 'month', max: 5.5, increment_from: 'args.n', count: 'success' }]),
    record: fc.constantFrom('digest', 'excerpt', 'full'),
  },
  { requiredKeys: [] },
);
const more = (rule: WrittenRule, extra: object): WrittenRule => ({ ...rule, ...extra });

/** A small document and more: what its rules say of answers, limits of every algorithm, flows. */
export const wideDocument: fc.Arbitrary<WideDocument> = fc
  .tuple(smallDocument, arbitraryFlows, fc.array(extras, { minLength: 6, maxLength: 6 }))
  .map(([{ all_tools: allTools, select = [], tools, ...rest }, flows, [forAll = {}, first = {}, second = {}, ...others]]) => ({
    ...rest,
    flows,
    ...(allTools === undefined ? {} : { all_tools: more(allTools, forAll) }),
    select: select.map((each, index) => ({ ...each, ...(index === 0 ? first : second) })),
    tools: Object.fromEntries(Object.entries(tools).map(([name, rule], index) => [name, more(rule, others[index] ?? {})])),
  }));

/** The same flows in other words: other order, repeated, lists split among several, and what one mark binds told apart from what leaves it. */
export function equivalentFlows(flows: readonly WrittenFlow[]): fc.Arbitrary<readonly WrittenFlow[]> {
  return fc.infiniteStream(fc.nat({ max: 5 })).map((stream) => {
    const choose = (): number => stream.next().value ?? 0;
    const split = swapped(flows, choose).flatMap((flow) => splitOne(flow, choose));
    const again = choose() < 2 ? [...split, ...split.slice(0, 1)] : split;
    return choose() % 2 === 0 ? again : [...again].reverse();
  });
}

/** Of two flows of one mark, what each denies may stand with the other. */
function swapped(flows: readonly WrittenFlow[], choose: () => number): readonly WrittenFlow[] {
  const [first, ...rest] = flows;
  const at = rest.findIndex(({ after }) => after.marks === first?.after.marks);
  const other = rest[at];
  if (first === undefined || other === undefined || choose() % 2 === 0) return flows;
  return [denying(first, other), ...rest.with(at, denying(other, first))];
}

function denying({ after, within }: WrittenFlow, { deny, unless }: WrittenFlow): WrittenFlow {
  return { after, deny, ...(within === undefined ? {} : { within }), ...(unless === undefined ? {} : { unless }) };
}

function splitOne(flow: WrittenFlow, choose: () => number): readonly WrittenFlow[] {
  const field = (['category', 'risk', 'name', 'server'] as const)[choose() % 4] ?? 'category';
  if (choose() < 3) return (flow.after[field] ?? []).length < 2 ? [flow] : (flow.after[field] ?? []).map((one) => ({ ...flow, after: { ...flow.after, [field]: [one] } }));
  return (flow.deny[field] ?? []).length < 2 ? [flow] : (flow.deny[field] ?? []).map((one) => ({ ...flow, deny: { ...flow.deny, [field]: [one] } }));
}
