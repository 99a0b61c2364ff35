import type { DeclaredTool } from '../declared-tool.js';
import type { DiagramRef } from '../diagram/diagram.js';
import type { PolicyDocument, ToolMatch } from '../document.js';
import { activeParts, isAbout } from './active-parts.js';
import { CallOutcomes } from './call-outcomes.js';
import { matchKey } from './canonical-part.js';
import type { PolicyPart, PolicySection } from './policy-part.js';
import { policySections } from './policy-sections.js';
import type { ToolClass } from './tool-class.js';
import { toolGroups } from './tool-classes.js';

type Side = 'before' | 'after';

/** Tools that two documents and the classes asked for treat alike, and what becomes of calls to them. */
interface ExaminedTools {
  readonly about: ToolClass;
  readonly outcomes: CallOutcomes;
  readonly before: DiagramRef;
  readonly after: DiagramRef;
}

/** About a fifth of a second's work, as is each of these. */
const MAX_STEPS = 50_000;
const MAX_MATCHES = 200_000;
const STEPS_EACH = 5_000;

/** Tells to which tools of a class two documents let any call pass. */
export class CallableTools {
  private readonly asked: ReadonlyMap<string, PolicySection>;
  /** Empty where there is too much to find out. */
  private readonly examined: readonly ExaminedTools[];
  private readonly isExact: boolean;

  /**
   * @param asked All classes that will be asked for, since they divide the tools together.
   * @param declared Then there are no tools but those that are declared or named.
   */
  constructor(compared: Readonly<Record<Side, PolicyDocument>>, asked: readonly ToolMatch[], declared?: ReadonlyMap<string, DeclaredTool>) {
    this.asked = new Map(asked.map((match) => [matchKey(match), sectionOf(match)]));
    const [before, after] = [policySections(compared.before), policySections(compared.after)];
    const names = before.length + after.length + this.asked.size + (declared?.size ?? 0);
    const tools = names * this.asked.size > MAX_MATCHES ? [] : toolGroups(before, [...after, ...this.asked.values()], declared).map(({ about }) => about);
    this.examined = this.examine({ before, after }, tools);
    this.isExact = tools.every(({ labels }) => labels !== undefined);
  }

  /**
   * The tools of a class to which a document lets some call pass, with whatever approvals, as classes: one each for tools that are
   * always treated alike, where the labels of all are known; else the class as it was asked for, or none. What cannot be
   * known passes.
   */
  within(match: ToolMatch, side: Side): readonly ToolMatch[] {
    const section = this.asked.get(matchKey(match));
    if (this.examined.length === 0 || section === undefined) return [match];
    const found = this.examined.filter(({ about, outcomes, [side]: outcome }) => isAbout(section, about) && outcomes.canPassWithin(outcome, section));
    if (this.isExact) return found.map(({ about: { tool = '' } }) => ({ name: [tool] }));
    return found.length === 0 ? [] : [match];
  }

  private examine({ before, after }: Readonly<Record<Side, readonly PolicySection[]>>, tools: readonly ToolClass[]): readonly ExaminedTools[] {
    const examined: ExaminedTools[] = [];
    const probes = [...this.asked.values()];
    let left = MAX_STEPS;
    for (const about of tools) {
      if (left <= 0) return [];
      const [was, is] = [activeParts(before, about), activeParts(after, about)];
      const outcomes = new CallOutcomes(about, [...was, ...is, ...activeParts(probes, about)], STEPS_EACH);
      examined.push({ about, outcomes, before: outcomes.outcome(was), after: outcomes.outcome(is) });
      left -= outcomes.stepsTaken;
    }
    return examined;
  }
}

const ASKED: PolicyPart = { key: 'asked', shape: 'asked', body: { kind: 'admit', by: 'select' }, message: '', pointer: '', ruleId: null, zone: '' };

function sectionOf(match: ToolMatch): PolicySection {
  return { key: `asked ${matchKey(match)}`, scope: { kind: 'select', match }, parts: [ASKED] };
}
