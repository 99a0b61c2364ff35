import type { CompiledPolicy, PlannedFlow, PlannedSection, PlannedSelection, ToolPlan } from './compiled-policy.js';
import { Compilation } from './conditions/compilation.js';
import type { PolicyDocument } from './document.js';
import type { PlannedLimit } from './limits/spend.js';
import { planFlows } from './plan-flows.js';
import { DEFAULT_RECORD, NO_RULES, planSection } from './plan-section.js';
import { NO_RULE, selectRuleId, toolRuleId } from './rule-ids.js';
import { compileToolMatch, NO_LABELS } from './tool-match.js';
import type { ToolLabels } from './verdict.js';
import { compileHide } from './visibility.js';

const MAX_NAMES_KEPT = 2_000;

/** The parts that plans are put together from. */
interface Parts {
  readonly document: PolicyDocument;
  readonly hides: CompiledPolicy['hides'];
  readonly named: ReadonlyMap<string, PlannedSection>;
  readonly selections: readonly PlannedSelection[];
  readonly forAll: PlannedSection;
  readonly flows: readonly PlannedFlow[];
}

/** Prepares a document for deciding: patterns compiled, paths resolved, refusals made, once for each published version. */
export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  const compilation = new Compilation(document.timezone);
  const parts = partsOf(document, compilation);
  const byNameOnly = parts.selections.length === 0 && parts.flows.length === 0;
  return Object.freeze({
    default: document.default,
    mode: document.mode,
    plans: byNameOnly ? plansByName(parts) : new Map<string, ToolPlan>(),
    unnamed: byNameOnly && document.default === 'allow' ? planTool(parts, '', NO_LABELS) : undefined,
    planFor: byNameOnly ? undefined : keptPlans(parts),
    answerRule: firstAnswerRule(parts),
    hides: parts.hides,
    compilation,
  });
}

function firstAnswerRule({ named, selections, forAll }: Parts): string | undefined {
  const sections = [...named.values(), ...selections.map(({ section }) => section), forAll];
  return sections.flatMap(({ responses }) => responses)[0]?.ruleId;
}

function partsOf(document: PolicyDocument, compilation: Compilation): Parts {
  const named = new Map<string, PlannedSection>();
  for (const [tool, rule] of document.tools) named.set(tool, planSection({ id: toolRuleId(tool), owner: tool }, rule, compilation));
  return {
    document,
    hides: compileHide(document.hide),
    named,
    selections: document.select.map(({ match, allow, rule }, index) => ({
      ruleId: selectRuleId(index),
      matches: compileToolMatch(match),
      allow,
      section: planSection({ id: selectRuleId(index), owner: `select/${index}` }, rule, compilation),
    })),
    forAll: document.allTools === undefined ? NO_RULES : planSection({ id: '/all_tools' }, document.allTools, compilation),
    flows: planFlows(document.flows),
  };
}

function plansByName(parts: Parts): ReadonlyMap<string, ToolPlan> {
  const plans = new Map<string, ToolPlan>();
  for (const tool of parts.named.keys()) {
    const plan = parts.hides(tool) ? undefined : planTool(parts, tool, NO_LABELS);
    if (plan !== undefined) plans.set(tool, plan);
  }
  return plans;
}

/** Plans made at the first call and kept with the labels' object, so that a definition that goes takes its plans with it. */
function keptPlans(parts: Parts): NonNullable<CompiledPolicy['planFor']> {
  const kept = new WeakMap<ToolLabels, Map<string, ToolPlan | undefined>>();
  return (tool, labels) => {
    let byName = kept.get(labels);
    if (byName === undefined) {
      byName = new Map();
      kept.set(labels, byName);
    }
    const known = byName.get(tool);
    if (known !== undefined || byName.has(tool)) return known;
    const made = parts.hides(tool) ? undefined : planTool(parts, tool, labels);
    if (byName.size < MAX_NAMES_KEPT) byName.set(tool, made);
    return made;
  };
}

/** Undefined for a tool that nothing admits. */
function planTool(parts: Parts, tool: string, labels: ToolLabels): ToolPlan | undefined {
  const own = parts.named.get(tool);
  const selected = parts.selections.filter(({ matches }) => matches(tool, labels));
  const admittedBy = own !== undefined ? toolRuleId(tool) : (selected.find(({ allow }) => allow)?.ruleId ?? defaultId(parts));
  if (admittedBy === undefined) return undefined;
  const sections = [own ?? NO_RULES, ...selected.map(({ section }) => section), parts.forAll];
  const flows = parts.flows.filter(({ deny }) => deny(tool, labels)).map((flow) => flow.denial);
  const renewed = parts.flows.filter(({ isRenewed }) => isRenewed).map(({ mark }) => mark.left);
  return {
    admittedBy,
    denyIf: sections.flatMap((section) => section.denyIf),
    require: sections.flatMap((section) => section.require),
    flows,
    approvals: sections.flatMap((section) => section.approvals),
    limits: oncePerCounter(sections.flatMap((section) => section.limits)),
    marks: parts.flows.filter(({ after }) => after(tool, labels)).map((flow) => flow.mark),
    renewed,
    asksFor: [...new Set([...flows, ...renewed].map(({ mark }) => mark))],
    responses: sections.flatMap((section) => section.responses),
    record: sections.find((section) => section.record !== undefined)?.record ?? DEFAULT_RECORD,
    isMetered: sections.some((section) => section.isMetered),
  };
}

function defaultId({ document }: Parts): string | undefined {
  return document.default === 'allow' ? NO_RULE.defaultAllow : undefined;
}

function oncePerCounter(limits: readonly PlannedLimit[]): readonly PlannedLimit[] {
  const first = new Map<string, PlannedLimit>();
  for (const limit of limits) if (!first.has(limit.counter)) first.set(limit.counter, limit);
  return [...first.values()];
}
