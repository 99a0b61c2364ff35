import fc from 'fast-check';

import { parsePolicy } from '../parse/parse-policy.js';
import type { SmallDocument, WrittenCondition, WrittenElement, WrittenRule } from './small-policies.js';

/** One choice for each place where a document can be written in another way. */
type Choices = () => number;

/**
 * The same document in other words: other order, groups, split and repeated rules, other operators that say the same. Where
 * that would take more conditions than a rule may have, the document itself.
 */
export function equivalents(document: SmallDocument): fc.Arbitrary<SmallDocument> {
  return fc.infiniteStream(fc.nat({ max: 5 })).map((stream) => {
    const other = rewriteDocument(document, () => stream.next().value ?? 0);
    return parsePolicy(JSON.stringify({ version: '1', ...other })).ok ? other : document;
  });
}

function rewriteDocument({ default: effect, hide = [], all_tools: allTools, select = [], tools }: SmallDocument, choose: Choices): SmallDocument {
  return {
    tools: Object.fromEntries(shuffled(Object.entries(tools), choose).map(([name, rule]) => [name, rewriteRule(rule, choose)])),
    select: select.map(({ match, allow, ...rule }) => ({ ...rewriteRule(rule, choose), match: shuffledKeys(match, choose), ...(allow === true ? { allow } : {}) })),
    ...(allTools === undefined ? {} : { all_tools: rewriteRule(allTools, choose) }),
    hide: [...hide, ...hide],
    default: effect,
  };
}

function rewriteRule(rule: WrittenRule, choose: Choices): WrittenRule {
  const denyIf = (rule.deny_if ?? []).flatMap((element) => rewriteDenial(element, choose));
  const require = (rule.require ?? []).flatMap((element) => rewriteRequirement(element, choose));
  const isSugar = choose() === 0 && (rule.deny_if ?? []).some(({ conditions }) => conditions.length === 0) && rule.action === undefined;
  return {
    ...rule,
    limits: shuffled(rule.limits ?? [], choose),
    deny_if: shuffled(isSugar ? denyIf.filter(({ conditions }) => conditions.length > 0) : denyIf, choose),
    require: shuffled(require, choose),
    ...(isSugar ? { action: 'deny' } : {}),
  };
}

/** A denial for any of several conditions is a denial for each of them; a denial written twice is one. */
function rewriteDenial(element: WrittenElement, choose: Choices): readonly WrittenElement[] {
  const [only, second] = element.conditions;
  const others = element.on_missing === undefined ? {} : { on_missing: element.on_missing };
  if (choose() === 0 && second === undefined && only !== undefined && 'any' in only) return only.any.map((each) => ({ ...others, conditions: [rewrite(each, choose)] }));
  const again = { ...others, conditions: shuffled(element.conditions.map((each) => rewrite(each, choose)), choose) };
  return choose() === 0 ? [again, element] : [again];
}

/** A requirement of several conditions is a requirement of each. */
function rewriteRequirement(element: WrittenElement, choose: Choices): readonly WrittenElement[] {
  if (choose() < 3) return [{ conditions: shuffled(element.conditions.map((each) => rewrite(each, choose)), choose) }];
  return element.conditions.map((each) => ({ conditions: [rewrite(each, choose)] }));
}

function rewrite(condition: WrittenCondition, choose: Choices): WrittenCondition {
  const inner = rewriteInside(condition, choose);
  switch (choose()) {
    case 0:
      return { not: { not: inner } };
    case 1:
      return { all: [inner] };
    case 2:
      return { any: [inner, inner] };
    default:
      return inner;
  }
}

function rewriteInside(condition: WrittenCondition, choose: Choices): WrittenCondition {
  if ('any' in condition) return choose() === 0 ? { not: { all: condition.any.map((each) => ({ not: rewrite(each, choose) })) } } : { any: shuffled(condition.any, choose).map((each) => rewrite(each, choose)) };
  if ('all' in condition) return choose() === 0 ? { not: { any: condition.all.map((each) => ({ not: rewrite(each, choose) })) } } : { all: shuffled(condition.all, choose).map((each) => rewrite(each, choose)) };
  if ('not' in condition) return { not: rewrite(condition.not, choose) };
  return rewriteComparison(condition, choose);
}

const OPPOSITE: Readonly<Record<string, string>> = { eq: 'neq', neq: 'eq', in: 'not_in', not_in: 'in', lt: 'gte', gte: 'lt', gt: 'lte', lte: 'gt' };

function rewriteComparison({ path, op, value }: Extract<WrittenCondition, { path: string }>, choose: Choices): WrittenCondition {
  const opposite = OPPOSITE[op];
  if (choose() === 0 && opposite !== undefined) return { not: { path, op: opposite, value } };
  if (op === 'exists') return choose() === 0 ? { not: { path, op, value: value !== true } } : { path, op, value };
  if (op === 'in' && Array.isArray(value)) return choose() < 3 ? { path, op, value: [...value, ...value].reverse() } : { any: value.map((each: unknown) => ({ path, op: 'eq', value: each })) };
  if (op === 'not_in' && Array.isArray(value)) return { all: value.map((each: unknown) => ({ path, op: 'neq', value: each })) };
  if (op === 'eq') return choose() === 0 ? { path, op: 'in', value: [value] } : { path, op, value };
  return { path, op, value };
}

function shuffled<Item>(items: readonly Item[], choose: Choices): readonly Item[] {
  return choose() % 2 === 0 ? items : [...items].reverse();
}

function shuffledKeys(object: object, choose: Choices): object {
  return Object.fromEntries(shuffled(Object.entries(object), choose));
}
