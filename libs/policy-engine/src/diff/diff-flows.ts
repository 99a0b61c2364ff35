import type { DeclaredTool } from '../declared-tool.js';
import type { Flow, FlowMatch, PolicyDocument, ToolMatch } from '../document.js';
import type { DiffEntry } from '../policy-diff.js';
import { CallableTools } from './callable-tools.js';
import { callKey, matchKey } from './canonical-part.js';
import { flowClasses, flowEffects } from './flow-effects.js';
import { GlobOrder } from './glob-classes.js';
import type { Compared } from './policy-changes.js';
import { sayMatch } from './say-part.js';

interface PlacedFlow {
  readonly flow: Flow;
  readonly index: number;
}

/**
 * Compares what flows do, mark by mark; where that differs the flows as a set, those of one mark with each other: their order says
 * nothing, and neither do classes of tools that no call passes to.
 */
export function diffFlows({ before, after }: Compared, declared?: ReadonlyMap<string, DeclaredTool>): readonly DiffEntry[] {
  const marks = marksThatDiffer({ before, after }, declared);
  const differs = (flow: Flow): boolean => marks.has(flow.marks);
  const old = byKey(before.flows, differs);
  const now = byKey(after.flows, differs);
  const gone = new Map([...old].filter(([key]) => !now.has(key)));
  const entries: DiffEntry[] = [];
  for (const [key, placed] of now) {
    if (old.has(key)) continue;
    const [moved] = [...gone].filter(([, each]) => each.flow.marks === placed.flow.marks);
    if (moved !== undefined) gone.delete(moved[0]);
    entries.push(moved === undefined ? entry('tightened', placed, `Now: ${say(placed.flow)}.`) : entry('changed', placed, `Now: ${say(placed.flow)}, instead of: ${say(moved[1].flow)}.`));
  }
  return [...entries, ...[...gone.values()].map((placed): DiffEntry => ({ ...entry('loosened', placed, `No longer: ${say(placed.flow)}.`), side: 'before' }))];
}

function marksThatDiffer({ before, after }: Compared, declared: ReadonlyMap<string, DeclaredTool> | undefined): ReadonlySet<string> {
  const globs = new GlobOrder();
  const written = differences(flowEffects(before.flows, globs), flowEffects(after.flows, globs));
  if (written.size === 0) return written;
  const tools = new CallableTools({ before, after }, flowClasses([...before.flows, ...after.flows]), declared);
  const effects = (side: keyof Compared, { flows }: PolicyDocument) => flowEffects(flows, globs, (match) => callsWithin(match, tools.within(match, side)));
  const done = differences(effects('before', before), effects('after', after));
  return new Set([...written].filter((mark) => done.has(mark)));
}

function callsWithin({ server }: FlowMatch, tools: readonly ToolMatch[]): readonly FlowMatch[] {
  return server === undefined ? tools : tools.map((each) => ({ ...each, server }));
}

function differences(was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set([...was.keys(), ...is.keys()].filter((mark) => was.get(mark) !== is.get(mark)));
}

function byKey(flows: readonly Flow[], counts: (flow: Flow) => boolean): ReadonlyMap<string, PlacedFlow> {
  const map = new Map<string, PlacedFlow>();
  for (const [index, flow] of flows.entries()) if (counts(flow) && !map.has(flowKey(flow))) map.set(flowKey(flow), { flow, index });
  return map;
}

function flowKey({ after, marks, deny, within, unless }: Flow): string {
  return JSON.stringify([callKey(after), marks, callKey(deny), within, unless ?? null]);
}

function entry(kind: DiffEntry['kind'], { index }: PlacedFlow, sentence: string): DiffEntry {
  return { kind, tool: '*', pointer: `/flows/${index}`, side: 'after', ruleId: `/flows/${index}`, sentence };
}

function say({ after, deny, within, unless, marks }: Flow): string {
  const span = within === 'session' ? 'for the session' : `for ${within} seconds`;
  const verb = unless === 'approval' ? 'need approval' : 'are denied';
  return `after ${sayCalls(after)} ("${marks}"), calls of ${sayCalls(deny)} ${verb} ${span}`;
}

function sayCalls(match: FlowMatch): string {
  const isAny = matchKey(match) === matchKey({});
  const tools = isAny ? 'any tool' : sayMatch(match);
  return match.server === undefined ? tools : `${tools} of ${match.server.join(' or ')}`;
}
