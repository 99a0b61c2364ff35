import type { PolicyDocument, Rule } from './document.js';
import { diffElements, type ElementChange } from './diff-elements.js';
import { diffLimits } from './diff-limits.js';
import { expandRule, type ExpandedRule } from './expand-rule.js';
import { pointerToken } from './finding.js';
import type { DiffEntry, PolicyDiff } from './policy-diff.js';
import { compileHide, isGlob } from './visibility.js';

interface Side {
  readonly document: PolicyDocument;
  readonly hides: (tool: string) => boolean;
}

interface RulePlace {
  readonly tool: string;
  /** The tool whose rule it is; none for `all_tools`. */
  readonly name?: string;
  readonly pointer: string;
}

type RuleList = 'deny_if' | 'require' | 'limits';

/**
 * What changes between two documents, as sentences: tools gained and lost, rules tightened and loosened.
 * Compares meaning: short forms written out, order of tools, elements and conditions left aside.
 */
export function diffPolicies(before: PolicyDocument, after: PolicyDocument): PolicyDiff {
  const old = side(before);
  const now = side(after);
  const names = [...new Set([...exactNames(before), ...exactNames(after)])].sort();
  return {
    entries: [
      ...diffSettings(before, after),
      ...diffGlobs(before, after),
      ...diffRules({ tool: '*', pointer: '/all_tools' }, before.allTools, after.allTools),
      ...names.flatMap((tool) => diffTool(tool, old, now)),
    ],
  };
}

function diffSettings(before: PolicyDocument, after: PolicyDocument): readonly DiffEntry[] {
  const entries: DiffEntry[] = [];
  const add = (kind: DiffEntry['kind'], pointer: string, sentence: string): number => entries.push({ kind, tool: '*', pointer, sentence });
  if (before.default !== after.default) {
    const opens = after.default === 'allow';
    add(opens ? 'loosened' : 'tightened', '/default', `Tools that no rule names are now ${opens ? 'allowed' : 'denied'}.`);
  }
  if (before.mode !== after.mode) {
    add('changed', '/mode', after.mode === 'shadow' ? 'The policy now decides and records without blocking.' : 'The policy now blocks what it denies.');
  }
  if ((before.description ?? '') !== (after.description ?? '')) add('changed', '/description', 'The description is another.');
  return entries;
}

function diffGlobs(before: PolicyDocument, after: PolicyDocument): readonly DiffEntry[] {
  const old = new Set(before.hide.filter(isGlob));
  const now = new Set(after.hide.filter(isGlob));
  const hidden = [...now].filter((glob) => !old.has(glob));
  const shown = [...old].filter((glob) => !now.has(glob));
  return [
    ...hidden.map((tool): DiffEntry => ({ kind: 'tightened', tool, pointer: hidePointer(after, tool), sentence: `Tools named ${tool} are now hidden.` })),
    ...shown.map((tool): DiffEntry => ({ kind: 'loosened', tool, pointer: hidePointer(before, tool), sentence: `Tools named ${tool} are no longer hidden.` })),
  ];
}

/** A tool that is reachable on one side only was gained or lost, and its rules are beside the point. */
function diffTool(tool: string, old: Side, now: Side): readonly DiffEntry[] {
  const was = isReachable(old, tool);
  const is = isReachable(now, tool);
  if (was !== is) {
    const sentence = is ? `${tool} can now be called.` : `${tool} can no longer be called.`;
    return [{ kind: is ? 'gained' : 'lost', tool, pointer: toolPointer(tool, is ? now : old, is ? old : now), sentence }];
  }
  const place = { tool, name: tool, pointer: `/tools/${pointerToken(tool)}` };
  const rules = diffRules(place, old.document.tools.get(tool), now.document.tools.get(tool));
  return [...rules, ...diffPlace(tool, old, now, rules.length > 0)];
}

/** What rules do not tell: that a tool is named, or hidden by name, on one side only. */
function diffPlace(tool: string, old: Side, now: Side, hasRuleChanges: boolean): readonly DiffEntry[] {
  const wasHidden = old.document.hide.includes(tool);
  const isHidden = now.document.hide.includes(tool);
  if (wasHidden !== isHidden) {
    const sentence = isHidden ? `${tool} is now hidden by name.` : `${tool} is no longer hidden by name.`;
    return [{ kind: 'changed', tool, pointer: hidePointer((isHidden ? now : old).document, tool), sentence }];
  }
  const isNamed = now.document.tools.has(tool);
  if (hasRuleChanges || old.document.tools.has(tool) === isNamed) return [];
  const sentence = isNamed ? `${tool} is now named by a rule.` : `${tool} is no longer named by a rule.`;
  return [{ kind: 'changed', tool, pointer: `/tools/${pointerToken(tool)}`, sentence }];
}

function diffRules(of: RulePlace, old: Rule | undefined, now: Rule | undefined): readonly DiffEntry[] {
  const before = expanded(old, of.name);
  const after = expanded(now, of.name);
  const place = (list: RuleList, changes: readonly ElementChange[]): readonly DiffEntry[] =>
    changes.map(({ kind, index, in: where, sentence }) => {
      const pointer = `${of.pointer}/${written(where === 'before' ? old : now, list, index)}`;
      return { kind, tool: of.tool, pointer, sentence };
    });
  return [
    ...place('deny_if', diffElements('deny_if', before.denyIf, after.denyIf)),
    ...place('require', diffElements('require', before.require, after.require)),
    ...diffApproval(of, approvalText(before), approvalText(after)),
    ...place('limits', diffLimits(before.limits, after.limits)),
  ];
}

/** Where an element of an expanded rule is written: past the end of its list, in the short form it came from. */
function written(rule: Rule | undefined, list: RuleList, index: number): string {
  if (list === 'deny_if' && index >= (rule?.denyIf.length ?? 0)) return 'action';
  if (list === 'limits' && index >= (rule?.limits.length ?? 0)) return 'rate_limit';
  return `${list}/${index}`;
}

function approvalText({ approval }: ExpandedRule): string | undefined {
  return approval === undefined ? undefined : JSON.stringify(approval);
}

function diffApproval(of: RulePlace, before?: string, after?: string): readonly DiffEntry[] {
  if (before === after) return [];
  const place = { tool: of.tool, pointer: `${of.pointer}/action` };
  if (before === undefined) return [{ kind: 'tightened', ...place, sentence: 'Calls now need the approval of a person.' }];
  if (after === undefined) return [{ kind: 'loosened', ...place, sentence: 'Calls no longer need the approval of a person.' }];
  return [{ kind: 'changed', ...place, sentence: 'The message that asks for approval is another.' }];
}

function side(document: PolicyDocument): Side {
  return { document, hides: compileHide(document.hide) };
}

function exactNames(document: PolicyDocument): readonly string[] {
  return [...document.tools.keys(), ...document.hide.filter((entry) => !isGlob(entry))];
}

function expanded(rule: Rule | undefined, tool?: string): ExpandedRule {
  return rule === undefined ? { require: [], denyIf: [], limits: [] } : expandRule(rule, tool);
}

/** Whether some call to the tool may pass: it is shown, and nothing denies it unconditionally. */
function isReachable({ document, hides }: Side, tool: string): boolean {
  if (hides(tool)) return false;
  const own = document.tools.get(tool);
  if (own === undefined && document.default === 'deny') return false;
  return [...expanded(own, tool).denyIf, ...expanded(document.allTools).denyIf].every((element) => element.conditions.length > 0);
}

function toolPointer(tool: string, holder: Side, other: Side): string {
  if (other.document.hide.includes(tool)) return hidePointer(other.document, tool);
  return holder.document.tools.has(tool) || other.document.tools.has(tool) ? `/tools/${pointerToken(tool)}` : '/default';
}

function hidePointer(document: PolicyDocument, entry: string): string {
  return `/hide/${document.hide.indexOf(entry)}`;
}
