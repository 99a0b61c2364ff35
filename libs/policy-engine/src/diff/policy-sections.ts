import { canonicalValue } from '../canonical-value.js';
import { comparisonsIn } from '../diagram/condition-diagrams.js';
import type { Condition, PolicyDocument, Rule, RuleElement, Selection } from '../document.js';
import { expandRule } from '../expand-rule.js';
import { pointerToken } from '../finding.js';
import { elementIds, limitIds, toolRuleId } from '../rule-ids.js';
import { approvalTerms, conditionKey, conditionShape, elementKey, elementShape, limitKey, matchKey, redactionKey } from './canonical-part.js';
import type { PartBody, PolicyPart, PolicySection, SectionScope } from './policy-part.js';

/** Where a rule is written, and the counter names its short form has. */
interface RulePlace {
  readonly pointer: string;
  readonly id: string;
  readonly owner: string | undefined;
  readonly zone: string;
}

/** The key of what becomes of tools that nothing else admits. */
export const DEFAULT_SECTION = 'default';

/** Takes a document apart into sections, in the order they stand. Selections of the same class of tools are one section; what a section says again is left out. */
export function policySections(document: PolicyDocument): readonly PolicySection[] {
  return writtenSections(document).map(({ key, scope, parts }) => ({ key, scope, parts: [...firstByKey(parts).values()] }));
}

function writtenSections(document: PolicyDocument): readonly PolicySection[] {
  const zone = zoneOf(document);
  const settings: readonly PolicySection[] = [{ key: DEFAULT_SECTION, scope: { kind: 'all' }, parts: defaultParts(document) }, { key: 'hide', scope: { kind: 'all' }, parts: hideParts(document) }];
  const { allTools } = document;
  const all = allTools === undefined ? [] : [{ key: 'all', scope: { kind: 'all' } as const, parts: ruleParts(allTools, { pointer: '/all_tools', id: '/all_tools', owner: undefined, zone }) }];
  const tools = [...document.tools].map(([tool, rule]): PolicySection => {
    const pointer = `/tools/${pointerToken(tool)}`;
    const named = part({ kind: 'admit', by: 'name' }, { key: 'admit', pointer, ruleId: toolRuleId(tool) });
    return { key: `tool ${tool}`, scope: { kind: 'tool', tool }, parts: [named, ...ruleParts(rule, { pointer, id: toolRuleId(tool), owner: tool, zone })] };
  });
  return [...settings, ...all, ...selections(document, zone), ...tools];
}

function firstByKey(parts: readonly PolicyPart[]): ReadonlyMap<string, PolicyPart> {
  const first = new Map<string, PolicyPart>();
  for (const part of parts) if (!first.has(part.key)) first.set(part.key, part);
  return first;
}

/** The zone a document's times are in, in one form. */
export function zoneOf({ timezone }: PolicyDocument): string {
  return timezone === undefined ? 'UTC' : new Intl.DateTimeFormat('en-US', { timeZone: timezone }).resolvedOptions().timeZone;
}

function defaultParts(document: PolicyDocument): readonly PolicyPart[] {
  return document.default === 'deny' ? [] : [part({ kind: 'admit', by: 'default' }, { key: 'admit', pointer: '/default', ruleId: '(default allow)' })];
}

function hideParts({ hide }: PolicyDocument): readonly PolicyPart[] {
  return hide.map((entry, index) => part({ kind: 'hide', entry }, { key: entry, pointer: `/hide/${index}`, ruleId: '(hidden)' }));
}

function selections(document: PolicyDocument, zone: string): readonly PolicySection[] {
  const sections = new Map<string, { readonly scope: SectionScope; readonly parts: PolicyPart[] }>();
  for (const [index, selection] of document.select.entries()) {
    const key = `select ${matchKey(selection.match)}`;
    const section = sections.get(key) ?? { scope: { kind: 'select', match: selection.match }, parts: [] };
    section.parts.push(...selectionParts(selection, index, zone));
    sections.set(key, section);
  }
  return [...sections].map(([key, { scope, parts }]) => ({ key, scope, parts }));
}

function selectionParts({ allow, rule }: Selection, index: number, zone: string): readonly PolicyPart[] {
  const pointer = `/select/${index}`;
  const parts = ruleParts(rule, { pointer, id: pointer, owner: `select/${index}`, zone });
  return allow ? [part({ kind: 'admit', by: 'select' }, { key: 'admit', pointer: `${pointer}/allow`, ruleId: pointer }), ...parts] : parts;
}

function ruleParts(rule: Rule, place: RulePlace): readonly PolicyPart[] {
  const expanded = expandRule(rule, place.owner);
  return [
    ...elementParts('deny_if', expanded.denyIf, { ...place, written: rule.denyIf.length }),
    ...elementParts('require', expanded.require, { ...place, written: rule.require.length }),
    ...approvalParts(rule, place),
    ...limitParts(rule, place),
    ...responseParts(rule, place),
    ...(rule.record === undefined ? [] : [part({ kind: 'record', level: rule.record }, { key: rule.record, shape: 'record', pointer: `${place.pointer}/record` })]),
  ];
}

function elementParts(list: 'deny_if' | 'require', elements: readonly RuleElement[], place: RulePlace & { readonly written: number }): readonly PolicyPart[] {
  const ids = elementIds(`${place.id}/${list}`, elements);
  return elements.map((element, index) =>
    part(
      { kind: list, element },
      {
        key: elementKey(element, list),
        shape: elementShape(element),
        message: element.onDeny ?? '',
        pointer: index < place.written ? `${place.pointer}/${list}/${index}` : `${place.pointer}/action`,
        ruleId: ids[index] ?? null,
        zone: asksForTime(element.conditions) ? place.zone : '',
      },
    ),
  );
}

function approvalParts(rule: Rule, place: RulePlace): readonly PolicyPart[] {
  const { approval } = expandRule(rule, place.owner);
  if (approval === undefined) return [];
  const conditions = [...new Set(approval.when.map(conditionKey))].sort();
  return [
    part(
      { kind: 'approval', approval },
      {
        key: `${approvalTerms(approval)} if ${conditions.join(' and ')}`,
        shape: `approval ${approval.when.map(conditionShape).sort().join(' and ')}`,
        message: approval.message ?? '',
        pointer: `${place.pointer}/${rule.action === 'require_approval' ? 'action' : 'approval'}`,
        ruleId: `${place.id}/approval`,
        zone: asksForTime(approval.when) ? place.zone : '',
      },
    ),
  ];
}

function limitParts(rule: Rule, place: RulePlace): readonly PolicyPart[] {
  const { limits } = expandRule(rule, place.owner);
  const ids = limitIds(`${place.id}/limits`, limits.map((limit) => limit.counter));
  return limits.map((limit, index) =>
    part(
      { kind: 'limit', limit },
      {
        key: `${limit.counter} ${limitKey(limit)}`,
        shape: `limit ${limit.counter}`,
        message: limit.onDeny ?? '',
        pointer: index < rule.limits.length ? `${place.pointer}/limits/${index}` : `${place.pointer}/rate_limit`,
        ruleId: ids[index] ?? null,
      },
    ),
  );
}

function responseParts(rule: Rule, place: RulePlace): readonly PolicyPart[] {
  const { response } = rule;
  if (response === undefined) return [];
  const pointer = `${place.pointer}/response`;
  const redactions = response.redact.map((redaction, index) => {
    const key = redactionKey(redaction);
    return part({ kind: 'redaction', redaction }, { key, shape: `redact ${key.slice(0, key.lastIndexOf(' '))}`, pointer: `${pointer}/redact/${index}` });
  });
  const bytes = response.maxBytes === undefined ? [] : [part({ kind: 'max_bytes', bytes: response.maxBytes }, { key: canonicalValue(response.maxBytes), shape: 'max_bytes', pointer: `${pointer}/max_bytes` })];
  const denials = response.denyIf.map((element, index) => {
    const about = { key: elementKey(element, 'deny_if'), shape: elementShape(element), message: element.onDeny ?? '' };
    return part({ kind: 'answer', element }, { ...about, pointer: `${pointer}/deny_if/${index}` });
  });
  return [...redactions, ...bytes, ...denials];
}

function part(body: PartBody, about: { readonly key: string; readonly pointer: string } & Partial<Omit<PolicyPart, 'body'>>): PolicyPart {
  const { key, pointer, shape = key, message = '', ruleId = null, zone = '' } = about;
  return { key: `${body.kind} ${zone}${key}`, shape: `${body.kind} ${shape}`, body, message, pointer, ruleId, zone };
}

/** An expression is not looked into, so one that may ask for the time is taken to. */
function asksForTime(conditions: readonly Condition[]): boolean {
  return comparisonsIn(conditions).some(({ path }) => path.root.startsWith('time.')) || conditions.some(hasTimedExpression);
}

function hasTimedExpression(condition: Condition): boolean {
  switch (condition.kind) {
    case 'comparison':
      return false;
    case 'any':
    case 'all':
      return condition.conditions.some(hasTimedExpression);
    case 'not':
      return hasTimedExpression(condition.condition);
    case 'cel':
      return condition.source.includes('time');
  }
}
