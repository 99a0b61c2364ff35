import type { Comparison, Condition, ContextRoot, ToolMatch } from '../document.js';
import type { KnownFacts } from '../diagram/condition-diagrams.js';
import type { PlaceType } from '../diagram/place-values.js';
import type { ToolLabels } from '../verdict.js';
import { compileGlob, isGlob } from '../visibility.js';
import type { GlobClass } from './glob-classes.js';

/**
 * Tools that two documents treat alike, by one of them. `tool` is undefined for whatever tool neither document names; then
 * `globs` are those that match its name, where they could be told apart.
 * `labels` are undefined where nothing is known of them, which is not the same as to know that there are none.
 */
export interface ToolClass {
  readonly tool: string | undefined;
  readonly globs?: GlobClass | undefined;
  readonly labels: ToolLabels | undefined;
}

/** Whether a class of tools has a tool, or what that depends on. `globs`: the name must match one of them. */
export type MatchAnswer = 'yes' | 'no' | { readonly conditions: readonly Condition[]; readonly globs: readonly string[] | undefined };

/** What a tool class says of paths that start at the tool. */
export function factsOf({ tool, labels }: ToolClass): KnownFacts {
  return (path): PlaceType | undefined => {
    if (path.root === 'tool.name') return tool === undefined ? { canBeAbsent: false, kinds: ['string'], isUnnamed: true } : fact(tool);
    if (labels === undefined) return undefined;
    if (path.root === 'tool.category') return fact(labels.category);
    if (path.root === 'tool.risk') return fact(labels.risk);
    const [step] = path.steps;
    if (path.root !== 'tool.annotations' || step?.kind !== 'key') return undefined;
    return fact(Object.hasOwn(labels.annotations, step.key) ? (labels.annotations[step.key] ?? null) : null);
  };
}

/** Whether a match of `select` or `flows` has the tools of a class. */
export function matches(match: ToolMatch, about: ToolClass): MatchAnswer {
  const named = nameAnswer(match.name, about);
  if (named === 'no') return 'no';
  const conditions: Condition[] = [];
  for (const asked of labelConditions(match)) {
    const known = about.labels === undefined ? undefined : hasLabel(asked, about.labels);
    if (known === false) return 'no';
    if (known === undefined) conditions.push(asked);
  }
  return named === 'yes' && conditions.length === 0 ? 'yes' : { conditions, globs: named === 'yes' ? undefined : named };
}

/** Whether a name is one of a list of names and globs; for a tool that no document names, which globs it depends on. */
function nameAnswer(names: readonly string[] | undefined, about: ToolClass): 'yes' | 'no' | readonly string[] {
  if (names === undefined) return 'yes';
  const answers = names.map((name) => [name, isNamed(name, about)] as const);
  if (answers.some(([, is]) => is === true)) return 'yes';
  const globs = answers.flatMap(([name, is]) => (is === undefined ? [name] : []));
  return globs.length === 0 ? 'no' : globs;
}

/** Whether a name or glob matches the tools of a class; undefined for a glob that they are not told apart by. */
export function isNamed(entry: string, { tool, globs }: ToolClass): boolean | undefined {
  if (/^\*+$/.test(entry)) return true;
  if (tool !== undefined) return isGlob(entry) ? compileGlob(entry)(tool) : entry === tool;
  return isGlob(entry) ? globs?.has(entry) : false;
}

function labelConditions({ category, risk, annotations }: ToolMatch): readonly Comparison[] {
  return [
    ...(category === undefined ? [] : [asks('tool.category', 'tool.category', category)]),
    ...(risk === undefined ? [] : [asks('tool.risk', 'tool.risk', risk)]),
    ...Object.entries(annotations ?? {}).map(([hint, value]) => asks('tool.annotations', `tool.annotations.${hint}`, [value], hint)),
  ];
}

function asks(root: ContextRoot, text: string, values: readonly (string | boolean)[], hint?: string): Comparison {
  const steps = hint === undefined ? [] : [{ kind: 'key' as const, key: hint }];
  return { kind: 'comparison', path: { text, form: 'dotted', root, steps }, op: 'in', value: values };
}

function hasLabel({ path, value }: Comparison, labels: ToolLabels): boolean {
  const [step] = path.steps;
  const label = path.root === 'tool.category' ? labels.category : path.root === 'tool.risk' ? labels.risk : step?.kind === 'key' && Object.hasOwn(labels.annotations, step.key) ? labels.annotations[step.key] : undefined;
  return Array.isArray(value) && (value as readonly unknown[]).includes(label);
}

function fact(value: string | boolean | null): PlaceType {
  return value === null ? { canBeAbsent: true, only: [] } : { canBeAbsent: false, only: [value] };
}
