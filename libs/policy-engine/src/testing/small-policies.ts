import fc from 'fast-check';

/** A condition as documents write it. */
export type WrittenCondition =
  | { readonly path: string; readonly op: string; readonly value: unknown }
  | { readonly any: readonly WrittenCondition[] }
  | { readonly all: readonly WrittenCondition[] }
  | { readonly not: WrittenCondition };

/** An element as documents write it. */
export interface WrittenElement {
  readonly conditions: readonly WrittenCondition[];
  readonly on_missing?: 'deny';
}

/** A rule as documents write it. */
export interface WrittenRule {
  readonly require?: readonly WrittenElement[];
  readonly deny_if?: readonly WrittenElement[];
  readonly limits?: readonly object[];
  readonly approval?: object;
  readonly record?: string;
  readonly action?: string;
}

/** A document as it is written. */
export interface SmallDocument {
  readonly default: 'allow' | 'deny';
  readonly hide?: readonly string[];
  readonly all_tools?: WrittenRule;
  readonly select?: readonly (WrittenRule & { readonly match: object; readonly allow?: boolean })[];
  readonly tools: Readonly<Record<string, WrittenRule>>;
}

const values = fc.constantFrom<unknown>(1, 2, 'x', 'y', true, null);
const paths = fc.constantFrom('args.n', 'args.s');
const comparison: fc.Arbitrary<WrittenCondition> = fc.oneof(
  fc.record({ path: paths, op: fc.constantFrom('eq', 'neq'), value: values }),
  fc.record({ path: paths, op: fc.constantFrom('in', 'not_in'), value: fc.array(values, { minLength: 1, maxLength: 3 }) }),
  fc.record({ path: paths, op: fc.constantFrom('lt', 'lte', 'gt', 'gte'), value: fc.constantFrom(1, 2) }),
  fc.record({ path: paths, op: fc.constant('exists'), value: fc.boolean() }),
  fc.record({ path: paths, op: fc.constantFrom('length_gt', 'length_lt'), value: fc.constant(1) }),
  fc.record({ path: fc.constant('tool.name'), op: fc.constantFrom('eq', 'neq'), value: fc.constantFrom('ask', 'buy') }),
  fc.record({ path: fc.constant('tool.category'), op: fc.constantFrom('eq', 'neq'), value: fc.constantFrom('Read', 'Financial') }),
);

/** A condition over few paths and values, so that conditions often meet. */
export const smallCondition: fc.Arbitrary<WrittenCondition> = fc.letrec<{ condition: WrittenCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 3, arbitrary: comparison },
    { weight: 1, arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 2 }).map((any) => ({ any })) },
    { weight: 1, arbitrary: fc.array(tie('condition'), { minLength: 1, maxLength: 2 }).map((all) => ({ all })) },
    { weight: 1, arbitrary: tie('condition').map((not) => ({ not })) },
  ),
})).condition;

const element: fc.Arbitrary<WrittenElement> = fc.record(
  { conditions: fc.array(smallCondition, { minLength: 0, maxLength: 2, size: 'small' }), on_missing: fc.constant('deny' as const) },
  { requiredKeys: ['conditions'] },
);
const limits = fc.array(fc.constantFrom({ counter: 'calls', window: 'minute', max: 5 }, { counter: 'units', window: 'day', max: 9, scope: 'identity' }), { maxLength: 1 });
const approval = fc.record({ if: fc.array(smallCondition, { maxLength: 1 }), quorum: fc.constantFrom(1, 2) }, { requiredKeys: [] });

/** A rule over few paths and values. */
export const smallRule: fc.Arbitrary<WrittenRule> = fc.record(
  { require: fc.array(element, { maxLength: 1 }), deny_if: fc.array(element, { maxLength: 2 }), limits, approval, record: fc.constantFrom('digest', 'full') },
  { requiredKeys: [] },
);

const match = fc.constantFrom<object>({ category: ['Read'] }, { risk: ['High', 'Critical'] }, { name: ['b*'] }, { annotations: { readOnlyHint: true } }, { name: ['*'] });

/** A document over few tools, paths and values, so that its parts often meet. */
export const smallDocument: fc.Arbitrary<SmallDocument> = fc.record(
  {
    default: fc.constantFrom('allow' as const, 'deny' as const),
    hide: fc.array(fc.constantFrom('cut', 'c*', 'buy'), { maxLength: 1 }),
    all_tools: smallRule,
    select: fc.array(
      fc.tuple(match, fc.boolean(), smallRule).map(([of, allow, rule]) => ({ match: of, allow, ...rule })),
      { maxLength: 2 },
    ),
    tools: fc.dictionary(fc.constantFrom('ask', 'buy', 'cut'), smallRule, { maxKeys: 2 }),
  },
  { requiredKeys: ['default', 'tools'] },
);
