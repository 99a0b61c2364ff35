import fc from 'fast-check';

import { arbitraryElement, arbitraryMatch, type GeneratedDocument, type GeneratedRule } from './arbitrary-policies.js';

type Tightening = (document: GeneratedDocument) => GeneratedDocument;

/** One way to forbid more, and what it is called when a property fails. */
export interface NamedTightening {
  readonly what: string;
  readonly tighten: Tightening;
}

const LIMIT = { counter: 'one-more', window: 'minute', max: 1 };

/** Changes the rule of a document that `at` picks among all it has; the same document where it has none. */
function inSomeRule(at: number, change: (rule: GeneratedRule) => GeneratedRule): Tightening {
  return (document) => {
    const changed: readonly Tightening[] = [
      ...(document.all_tools === undefined ? [] : [inAllTools(change)]),
      ...(document.select ?? []).map((each, index): Tightening => ({ select = [], ...rest }) => ({ ...rest, select: select.with(index, { ...each, ...change(each) }) })),
      ...Object.entries(document.tools ?? {}).map(([name, rule]): Tightening => ({ tools, ...rest }) => ({ ...rest, tools: { ...tools, [name]: { ...rule, ...change(rule) } } })),
    ];
    return changed[at % Math.max(1, changed.length)]?.(document) ?? document;
  };
}

function inAllTools(change: (rule: GeneratedRule) => GeneratedRule): Tightening {
  return ({ all_tools: allTools = {}, ...rest }) => ({ ...rest, all_tools: { ...allTools, ...change(allTools) } });
}

function inserted(list: readonly object[] = [], at: number, item: object): readonly object[] {
  return list.toSpliced(at % (list.length + 1), 0, item);
}

const places = fc.tuple(arbitraryElement, fc.nat({ max: 7 }), fc.nat({ max: 7 }));
const named = (what: string, tighten: Tightening): NamedTightening => ({ what, tighten });

/** Every way to add a deny to a document: an element of any rule, in any place, a rule's last word, a name to hide, a class, a flow. */
export const arbitraryDeny: fc.Arbitrary<NamedTightening> = fc.oneof(
  places.map(([element, rule, index]) => named('deny_if', inSomeRule(rule, ({ deny_if: list }) => ({ deny_if: inserted(list, index, element) })))),
  places.map(([element, , index]) => named('deny_if of all tools', inAllTools(({ deny_if: list }) => ({ deny_if: inserted(list, index, element) })))),
  fc.nat({ max: 7 }).map((rule) => named('action deny', inSomeRule(rule, () => ({ action: 'deny' })))),
  fc.constantFrom('list', 'create_*', '*').map((name) => named('hide', ({ hide = [], ...rest }) => ({ ...rest, hide: [...hide, name] }))),
  fc.tuple(arbitraryMatch, arbitraryElement).map(([match, element]) =>
    named('class', ({ select = [], ...rest }) => ({ ...rest, select: [...select, { match, allow: false, deny_if: [element] }] })),
  ),
  fc.tuple(arbitraryMatch, arbitraryMatch).map(([after, deny]) => named('flow', ({ flows = [], ...rest }) => ({ ...rest, flows: [...flows, { after: { ...after, marks: 'm' }, deny }] }))),
);

/** Every other way to forbid more: a requirement, an approval, a limit. */
export const arbitraryBound: fc.Arbitrary<NamedTightening> = fc.oneof(
  places.map(([element, rule, index]) => named('require', inSomeRule(rule, ({ require: list }) => ({ require: inserted(list, index, element) })))),
  fc.nat({ max: 7 }).map((rule) => named('approval', inSomeRule(rule, ({ approval, action }) => (approval === undefined && action === undefined ? { action: 'require_approval' } : {})))),
  fc.nat({ max: 7 }).map((rule) => named('limit', inSomeRule(rule, ({ limits = [] }) => ({ limits: [...limits, LIMIT] })))),
);
