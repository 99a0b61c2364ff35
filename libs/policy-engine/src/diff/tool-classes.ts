import type { DeclaredTool } from '../declared-tool.js';
import { comparisonsIn } from '../diagram/condition-diagrams.js';
import type { ToolMatch } from '../document.js';
import type { ToolLabels } from '../verdict.js';
import { compileHide, isGlob } from '../visibility.js';
import { globClasses } from './glob-classes.js';
import type { PolicyPart, PolicySection } from './policy-part.js';
import { matches, type ToolClass } from './tool-class.js';

/** Tools that two documents treat alike. `names` is empty for those that neither names, which are told apart by the globs of both. */
export interface ToolGroup {
  readonly about: ToolClass;
  readonly names: readonly string[];
}

/**
 * Groups tools so that every tool of a group has the same decisions in both documents.
 *
 * @param declared Then only tools that are declared or named are looked at; else also any tool that is not named.
 */
export function toolGroups(before: readonly PolicySection[], after: readonly PolicySection[], declared?: ReadonlyMap<string, DeclaredTool>): readonly ToolGroup[] {
  const all = [...before, ...after];
  const sign = signer(before, after);
  const groups = new Map<string, { readonly about: ToolClass; readonly names: string[] }>();
  for (const name of namesIn(all, declared)) {
    const about = { tool: name, labels: declared === undefined ? undefined : labelsOf(declared.get(name)) };
    const key = sign(about);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { about, names: [name] });
    else known.names.push(name);
  }
  return [...(declared === undefined ? unnamedGroups(all) : []), ...groups.values()];
}

/** The tools that no section names, declared or not, told apart by the globs that match them. */
export function unnamedGroups(sections: readonly PolicySection[]): readonly ToolGroup[] {
  const unnamed = { tool: undefined, labels: undefined };
  const classes = globClasses(sections.flatMap(writtenNames).filter(isGlob));
  return classes === undefined ? [{ about: unnamed, names: [] }] : classes.map((globs) => ({ about: { ...unnamed, globs }, names: [] }));
}

function labelsOf(tool: DeclaredTool | undefined): ToolLabels | undefined {
  return tool?.labels;
}

function namesIn(sections: readonly PolicySection[], declared: ReadonlyMap<string, DeclaredTool> | undefined): readonly string[] {
  const names = new Set<string>(declared?.keys() ?? []);
  for (const section of sections) {
    if (section.scope.kind === 'tool') names.add(section.scope.tool);
    for (const name of writtenNames(section)) if (!isGlob(name)) names.add(name);
    for (const name of section.parts.flatMap(comparedNames)) names.add(name);
  }
  return [...names].sort();
}

/** The names and globs of a class and of a hide list. */
function writtenNames({ scope, parts }: PolicySection): readonly string[] {
  return [...(scope.kind === 'select' ? (scope.match.name ?? []) : []), ...parts.flatMap(({ body }) => (body.kind === 'hide' ? [body.entry] : []))];
}

/** The names that conditions compare `tool.name` with. */
function comparedNames(part: PolicyPart): readonly string[] {
  return toolComparisons(part).flatMap(({ path, op, value }) => {
    if (path.root !== 'tool.name' || !['eq', 'neq', 'in', 'not_in'].includes(op)) return [];
    return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter((each) => typeof each === 'string');
  });
}

function toolComparisons({ body }: PolicyPart): ReturnType<typeof comparisonsIn> {
  const conditions = body.kind === 'approval' ? body.approval.when : body.kind === 'deny_if' || body.kind === 'require' ? body.element.conditions : [];
  return comparisonsIn(conditions).filter(({ path }) => path.root.startsWith('tool.'));
}

/** A text that tools share when both documents treat them alike. */
function signer(before: readonly PolicySection[], after: readonly PolicySection[]): (about: ToolClass) => string {
  const sides = [before, after].map((sections) => ({ own: ownKeys(sections), hides: compileHide(hideEntries(sections)) }));
  const asked = new Map<string, ToolMatch>([...before, ...after].flatMap(({ key, scope }) => (scope.kind === 'select' ? [[key, scope.match] as const] : [])));
  const looksAtTool = [...before, ...after].some(({ parts }) => parts.some((part) => toolComparisons(part).length > 0));
  return (about) => {
    const { tool = '' } = about;
    const selected = [...asked.values()].map((match) => {
      const answer = matches(match, about);
      return typeof answer === 'string' ? answer : 'depends';
    });
    return JSON.stringify([sides.map(({ own, hides }) => [own.get(tool) ?? null, hides(tool)]), selected, looksAtTool ? [tool, about.labels ?? null] : about.labels === undefined]);
  };
}

function ownKeys(sections: readonly PolicySection[]): ReadonlyMap<string, readonly (readonly [string, string])[]> {
  return new Map(sections.flatMap(({ scope, parts }) => (scope.kind === 'tool' ? [[scope.tool, parts.map(({ key, message }) => [key, message] as const)] as const] : [])));
}

function hideEntries(sections: readonly PolicySection[]): readonly string[] {
  return sections.flatMap(({ parts }) => parts.flatMap(({ body }) => (body.kind === 'hide' ? [body.entry] : [])));
}
