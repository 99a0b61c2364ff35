import fc from 'fast-check';

import { readJson } from '../parse/read-json.js';
import type { ToolCall } from '../verdict.js';
import { aToolCall } from './a-tool-call.js';

const names = fc.constantFrom('amount', 'items', 'note', 'to', 'constructor');
const tools = fc.constantFrom('create_charge', 'list', 'delete_account', 'toString');
const leaves = fc.oneof(fc.integer({ min: -3, max: 300 }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('a', 'admin', '100', '', true, false, null));
const values = fc.oneof(leaves, fc.array(leaves, { maxLength: 3 }), fc.dictionary(names, leaves, { maxKeys: 3 }));
const numbers = fc.oneof(fc.integer({ min: -5, max: 200 }), fc.constantFrom(0.1, 1e20, 99.99));

const paths = fc.oneof(
  names.map((name) => `args.${name}`),
  fc.constantFrom('args.items[0]', 'args.items[*]', 'args.items[*].amount', 'args.to.note', 'identity.name', 'time.hour', 'client.name', 'grant.labels.env'),
  names.map((name) => ({ pointer: `/${name}/0` })),
);
const comparisons = fc.oneof(
  fc.tuple(fc.constantFrom('eq', 'neq', 'contains'), values),
  fc.tuple(fc.constantFrom('in', 'not_in'), fc.array(values, { maxLength: 3 })),
  fc.tuple(fc.constantFrom('lt', 'lte', 'gt', 'gte'), numbers),
  fc.tuple(fc.constant('exists'), fc.boolean()),
  fc.tuple(fc.constant('regex'), fc.constantFrom('^a', 'min$', '(a|b)*', '')),
);

/** A condition as a document writes it. */
export const arbitraryCondition = fc.tuple(paths, comparisons).map(([path, [op, value]]) => ({ path, op, value }));

/** An element of `require` or `deny_if`. */
export const arbitraryElement = fc.record(
  { conditions: fc.array(arbitraryCondition, { maxLength: 3 }), on_deny: fc.constantFrom('No.', 'Not now.') },
  { requiredKeys: ['conditions'] },
);

const limits = fc.integer({ min: 0, max: 3 }).map((index) => ({
  counter: `counter-${index}`,
  window: (['minute', 'hour', 'day', 45] as const)[index],
  max: 10 * index + 0.5,
  scope: index === 1 ? 'session' : 'grant',
  ...(index === 2 ? { increment_from: 'args.amount' } : {}),
}));

/** A rule. */
export const arbitraryRule = fc.record(
  {
    require: fc.array(arbitraryElement, { maxLength: 2 }),
    deny_if: fc.array(arbitraryElement, { maxLength: 2 }),
    limits: fc.array(limits, { maxLength: 2 }),
    action: fc.constantFrom('allow', 'allow', 'allow', 'deny', 'require_approval'),
    reason: fc.constantFrom('Because.', 'Ask first.'),
    rate_limit: fc.constant({ max: 5, window: 60 }),
  },
  { requiredKeys: [] },
);

/** A whole document that `parsePolicy` accepts. */
export const arbitraryDocument = fc.record(
  {
    version: fc.constant('1'),
    default: fc.constantFrom('allow', 'deny'),
    description: fc.string({ maxLength: 20, unit: 'grapheme' }),
    mode: fc.constantFrom('enforce', 'shadow'),
    hide: fc.array(fc.constantFrom('delete_account', 'delete_*', '*', 'l*t'), { maxLength: 1 }),
    all_tools: arbitraryRule,
    tools: fc.dictionary(tools, arbitraryRule, { maxKeys: 3 }),
  },
  { requiredKeys: ['version', 'default'] },
);

/** A call, its arguments read as the edge reads them. */
export const arbitraryCall: fc.Arbitrary<ToolCall> = fc.tuple(tools, fc.dictionary(names, values, { maxKeys: 4 })).map(([tool, args]) => {
  const read = readJson(JSON.stringify(args));
  return aToolCall({ tool, args: read.ok ? (read.value as ToolCall['args']) : {} });
});
