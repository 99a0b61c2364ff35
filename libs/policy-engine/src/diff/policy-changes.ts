import type { DeclaredTool } from '../declared-tool.js';
import { pointerToken } from '../finding.js';
import type { PolicyDocument } from '../document.js';
import type { DiffEntry, DiffKind } from '../policy-diff.js';
import { toolRuleId } from '../rule-ids.js';
import { compileGlob } from '../visibility.js';
import type { ActivePart } from './active-parts.js';
import type { OutcomeChange } from './call-outcomes.js';
import { concerns, groupChange, type GroupChange, type StepPlan } from './group-changes.js';
import type { PolicySection } from './policy-part.js';
import { DEFAULT_SECTION, policySections, zoneOf } from './policy-sections.js';
import { sectionSteps, type PolicyStep, type SectionSteps } from './policy-step.js';
import { sayReworded, sayStep } from './say-part.js';
import { matches, type ToolClass } from './tool-class.js';
import { toolGroups, unnamedGroups, type ToolGroup } from './tool-classes.js';

/** The two documents compared. */
export interface Compared {
  readonly before: PolicyDocument;
  readonly after: PolicyDocument;
}

/** About a second's work. */
const MAX_STEPS = 200_000;

interface Examined {
  readonly group: ToolGroup;
  readonly change: GroupChange;
}

interface Plan extends StepPlan {
  readonly compared: Compared;
  readonly sections: ReadonlyMap<string, SectionSteps>;
}

/** Everything that differs but settings and flows: first what concerns several tools, then tool by tool in the order of names. */
export function policyChanges(compared: Compared, declared?: ReadonlyMap<string, DeclaredTool>): readonly DiffEntry[] {
  const plan = planSteps(compared);
  const allowance = { steps: MAX_STEPS };
  const examine = (group: ToolGroup): Examined => ({ group, change: groupChange(group.about, plan, allowance) });
  const examined = toolGroups(plan.before, plan.after, declared).map(examine);
  const shared = [...plan.sections].filter(([key]) => key !== DEFAULT_SECTION && !key.startsWith('tool '));
  const tools = examined.flatMap(({ group, change }) => group.names.map((name) => ({ name, about: { ...group.about, tool: name }, group, change })));
  return [
    ...zoneChange(plan, examined),
    ...defaultEntries(plan, declared === undefined ? examined : unnamedGroups([...plan.before, ...plan.after]).map(examine)),
    ...shared.flatMap(([, steps]) => sharedEntries(steps, examined)),
    ...tools.sort((left, right) => (left.name < right.name ? -1 : 1)).flatMap((each) => toolEntries(each, plan)),
  ];
}

function planSteps(compared: Compared): Plan {
  const before = policySections(compared.before);
  const after = policySections(compared.after);
  const isSameZone = zoneOf(compared.before) === zoneOf(compared.after);
  const rezoned = isSameZone ? before : policySections(inZoneOf(compared));
  const old = new Map(rezoned.map((section) => [section.key, section]));
  const now = new Map(after.map((section) => [section.key, section]));
  const sections = new Map([...new Set([...old.keys(), ...now.keys()])].map((key) => [key, sectionSteps(old.get(key), now.get(key))]));
  const all = [...sections.values()];
  return { compared, before, rezoned, after, sections, steps: [...all.flatMap(({ coming }) => coming), ...all.flatMap(({ going }) => going)] };
}

function inZoneOf({ before, after }: Compared): PolicyDocument {
  const { timezone: _, ...rest } = before;
  return after.timezone === undefined ? rest : { ...rest, timezone: after.timezone };
}

function zoneChange(plan: Plan, examined: readonly Examined[]): readonly DiffEntry[] {
  const kind = joined(examined.map(({ change }) => (change.kind === 'steps' ? change.zone : 'none')));
  if (kind === 'none') return [];
  const { before, after } = plan.compared;
  const side = after.timezone === undefined ? 'before' : 'after';
  return [{ kind: kindOf(kind), tool: '*', pointer: '/timezone', side, ruleId: null, sentence: `Times are now those of ${zoneOf(after)}, instead of ${zoneOf(before)}.` }];
}

/** What becomes of tools that nobody names, declared or not: one may be declared later. */
function defaultEntries(plan: Plan, examined: readonly Examined[]): readonly DiffEntry[] {
  const { coming, going } = plan.sections.get(DEFAULT_SECTION) ?? { coming: [], going: [] };
  const matters = (step: PolicyStep): boolean => examined.some(({ change }) => change.kind === 'steps' && (change.steps.get(step) ?? 'none') !== 'none');
  return [...coming, ...going].filter(matters).map((step) => stepEntry(step, step.after === undefined ? 'tightened' : 'loosened'));
}

/** What rules of several tools change, said once however many tools they bind. */
function sharedEntries({ coming, going, reworded }: SectionSteps, examined: readonly Examined[]): readonly DiffEntry[] {
  const changes = [...coming, ...going].flatMap((step) => {
    const kind = joined(examined.map(({ change }) => (change.kind === 'steps' ? (change.steps.get(step) ?? 'none') : 'none')));
    return kind === 'none' ? [] : [stepEntry(step, kind)];
  });
  const binding = reworded.filter((step) => examined.some(({ group, change }) => change.kind !== 'gained' && change.kind !== 'lost' && concerns(step, group.about)));
  return [...changes, ...binding.map((step) => rewordedEntry(step))];
}

interface ExaminedTool extends Examined {
  readonly name: string;
  readonly about: ToolClass;
}

/** A tool that some call passes to on one side only was gained or lost, and its rules are beside the point. */
function toolEntries({ name, about, group, change }: ExaminedTool, plan: Plan): readonly DiffEntry[] {
  if (change.kind === 'gained' || change.kind === 'lost') return [reachEntry(name, about, { kind: change.kind, plan })];
  const steps = plan.sections.get(`tool ${name}`);
  const reworded = (steps?.reworded ?? []).map((step) => rewordedEntry(step));
  if (change.kind === 'listing') return [listingEntry(name, change.isListed, plan), ...reworded];
  if (change.kind !== 'steps' || steps === undefined) return reworded;
  const examined = plan.sections.get(`tool ${group.about.tool ?? ''}`);
  const kinds = [...(examined?.coming ?? []), ...(examined?.going ?? [])].map((step) => change.steps.get(step) ?? 'none');
  const entries = [...steps.coming, ...steps.going].flatMap((step, index) => {
    const kind = kinds[index] ?? 'none';
    return kind === 'none' ? [] : [stepEntry(step, kind)];
  });
  return [...entries, ...reworded];
}

function stepEntry(step: PolicyStep, change: Exclude<OutcomeChange, 'none'>): DiffEntry {
  const { written } = step;
  const sentence = scoped(written, sayStep(step));
  return {
    kind: kindOf(change),
    tool: toolOf(written),
    pointer: written.part.pointer,
    side: step.section === DEFAULT_SECTION || step.after !== undefined ? 'after' : 'before',
    ruleId: written.part.ruleId,
    sentence: change === 'perhaps' ? `${sentence.slice(0, -1)}; whether that decides any call otherwise cannot be decided.` : sentence,
  };
}

function rewordedEntry({ written }: PolicyStep): DiffEntry {
  const { pointer, ruleId } = written.part;
  return { kind: 'changed', tool: toolOf(written), pointer, side: 'after', ruleId, sentence: scoped(written, sayReworded(written)) };
}

function toolOf({ section, part }: ActivePart): string {
  if (section.scope.kind === 'tool') return section.scope.tool;
  return part.body.kind === 'hide' ? part.body.entry : '*';
}

/** Names the class of tools a sentence is about; for one tool and for all tools the entry says it. */
function scoped({ section, part }: ActivePart, sentence: string): string {
  if (section.scope.kind !== 'select' || part.body.kind === 'admit') return sentence;
  const about = part.pointer.split('/').slice(0, 3).join('/');
  return `${sentence.slice(0, -1)} (${about}).`;
}

interface Reach {
  readonly kind: 'gained' | 'lost';
  readonly plan: Plan;
}

function reachEntry(tool: string, about: ToolClass, { kind, plan }: Reach): DiffEntry {
  const place = reachPlace(tool, about, { kind, plan });
  return { kind, tool, ...place, sentence: kind === 'gained' ? `${tool} can now be called.` : `${tool} can no longer be called.` };
}

/** Where a tool came or went: what hid it or hides it, else its own rule, else the class that admits it, else the default. */
function reachPlace(tool: string, about: ToolClass, { kind, plan }: Reach): Pick<DiffEntry, 'pointer' | 'side' | 'ruleId'> {
  const [holding, other] = kind === 'gained' ? (['after', 'before'] as const) : (['before', 'after'] as const);
  const hidden = plan.compared[other].hide.findIndex((entry) => compileGlob(entry)(tool));
  if (hidden >= 0) return { pointer: `/hide/${hidden}`, side: other, ruleId: '(hidden)' };
  const named = (['after', 'before'] as const).find((side) => plan.compared[side].tools.has(tool));
  if (named !== undefined) return { pointer: `/tools/${pointerToken(tool)}`, side: named, ruleId: toolRuleId(tool) };
  const admitting = plan[holding].find((section) => admits(section, about));
  const written = admitting?.parts.find(({ body }) => body.kind === 'admit');
  if (written !== undefined && admitting?.scope.kind === 'select') return { pointer: written.pointer, side: holding, ruleId: written.ruleId };
  return { pointer: '/default', side: 'after', ruleId: null };
}

function admits({ scope, parts }: PolicySection, about: ToolClass): boolean {
  return scope.kind === 'select' && matches(scope.match, about) !== 'no' && parts.some(({ body }) => body.kind === 'admit');
}

function listingEntry(tool: string, isListed: boolean, plan: Plan): DiffEntry {
  const place = reachPlace(tool, { tool, labels: undefined }, { kind: isListed ? 'gained' : 'lost', plan });
  return { kind: 'changed', tool, ...place, sentence: isListed ? `${tool} is still denied, and now listed.` : `${tool} is still denied, and no longer listed.` };
}

/** What a step means for several groups of tools together. */
function joined(changes: readonly OutcomeChange[]): OutcomeChange {
  const found = new Set(changes.filter((each) => each !== 'none'));
  if (found.size <= 1) return [...found][0] ?? 'none';
  return found.has('perhaps') && !found.has('changed') && !(found.has('tightened') && found.has('loosened')) ? 'perhaps' : 'changed';
}

function kindOf(change: Exclude<OutcomeChange, 'none'>): DiffKind {
  return change === 'perhaps' ? 'undecidable' : change;
}
