import { closestName } from './closest-name.js';
import { toolsByName, type DeclaredTool } from './declared-tool.js';
import type { PolicyDocument, Selection } from './document.js';
import { FindingList, pointerToken, type PolicyFinding } from './finding.js';
import { lintOpenTools } from './lint/lint-open-tools.js';
import { lintRule } from './lint/lint-rule.js';
import { compileToolMatch, NO_LABELS } from './tool-match.js';
import { compileHide, isGlob, type NameTest } from './visibility.js';

/**
 * Warnings about a document that can be published but may not do what it seems to say, at most 100. Each has a pointer and
 * a sentence; a fix in words where there is one, and as an edit where it is certain enough to be carried out by a program.
 *
 * @param tools The server's current tool list. Without it only what the document says by itself is looked at. A name
 *              declared twice counts as first declared.
 */
export function lintPolicy(document: PolicyDocument, tools?: readonly DeclaredTool[]): readonly PolicyFinding[] {
  const findings = new FindingList('warning');
  const declared = tools === undefined ? undefined : toolsByName(tools);
  const about: ToolLint = { document, declared, hides: compileHide(document.hide), findings };
  lintNames(document.hide, '/hide', about);
  lintAllTools(about);
  for (const [index, selection] of document.select.entries()) lintSelection(selection, `/select/${index}`, about);
  for (const tool of document.tools.keys()) lintTool(tool, about);
  if (declared !== undefined) lintOpenTools(document, declared, findings);
  return findings.all();
}

type Declared = ReadonlyMap<string, DeclaredTool>;

interface ToolLint {
  readonly document: PolicyDocument;
  readonly declared: Declared | undefined;
  readonly hides: NameTest;
  readonly findings: FindingList;
}

/** Exact names in a list of names and globs. */
function lintNames(names: readonly string[], pointer: string, { declared, findings }: ToolLint): void {
  if (declared === undefined) return;
  for (const [index, name] of names.entries()) {
    if (isGlob(name) || declared.has(name)) continue;
    const at = `${pointer}/${index}`;
    const closest = closestName(name, declared.keys());
    warnUnknownTool(name, at, { findings, closest, edit: closest === undefined ? undefined : [{ op: 'replace', path: at, value: closest }] });
  }
}

function lintAllTools({ document: { allTools }, declared, findings }: ToolLint): void {
  if (allTools === undefined) return;
  lintRule(allTools, { pointer: '/all_tools', subject: { tool: undefined, schemas: schemasOf(declared?.values()) }, findings, requirements: allTools.require });
  if (allTools.action === 'allow') {
    const fix = 'Use "default": "allow", or name the tools.';
    findings.add('no_effect', '/all_tools/action', 'all_tools binds tools that are allowed; it allows none.', fix);
  }
}

function lintSelection({ match, rule }: Selection, pointer: string, about: ToolLint): void {
  const { declared, document, findings } = about;
  lintNames(match.name ?? [], `${pointer}/match/name`, about);
  const asksLabels = match.category !== undefined || match.risk !== undefined || match.annotations !== undefined;
  const isKnown = declared !== undefined && (!asksLabels || [...declared.values()].every(({ labels }) => labels !== undefined));
  const test = compileToolMatch(match);
  const selected = isKnown ? [...declared.values()].filter(({ name, labels }) => test(name, labels ?? NO_LABELS)) : undefined;
  if (selected?.length === 0) findings.add('never_matches', `${pointer}/match`, 'The server declares no tool of this class, so these rules bind nothing.');
  const requirements = [...rule.require, ...(document.allTools?.require ?? [])];
  lintRule(rule, { pointer, subject: { tool: undefined, schemas: schemasOf(selected) }, findings, requirements });
}

function lintTool(tool: string, { document, declared, hides, findings }: ToolLint): void {
  const rule = document.tools.get(tool);
  if (rule === undefined || findings.isFull) return;
  const pointer = `/tools/${pointerToken(tool)}`;
  if (hides(tool)) findings.add('never_matches', pointer, `${tool} is hidden, so nothing that stands here is ever asked.`);
  if (declared !== undefined && !declared.has(tool)) {
    const closest = closestName(tool, declared.keys());
    const isFree = closest !== undefined && !document.tools.has(closest);
    return warnUnknownTool(tool, pointer, { findings, closest, edit: isFree ? [{ op: 'move', from: pointer, path: `/tools/${pointerToken(closest)}` }] : undefined });
  }
  if (declared === undefined && isGlob(tool)) findings.add('no_effect', pointer, 'The names in "tools" are exact; * stands for itself here.');
  const found = declared?.get(tool);
  lintRule(rule, {
    pointer,
    subject: { tool, schemas: found === undefined ? undefined : schemasOf([found]) },
    findings,
    requirements: [...rule.require, ...(document.allTools?.require ?? [])],
  });
}

/** What tools declare; undefined where one of them declares nothing, since then nothing can be said of them together. */
function schemasOf(tools: Iterable<DeclaredTool> | undefined): readonly NonNullable<DeclaredTool['inputSchema']>[] | undefined {
  if (tools === undefined) return undefined;
  const schemas = [...tools].map(({ inputSchema }) => inputSchema);
  return schemas.every((schema) => schema !== undefined) ? schemas : undefined;
}

interface UnknownTool {
  readonly findings: FindingList;
  readonly closest: string | undefined;
  readonly edit: PolicyFinding['edit'] | undefined;
}

function warnUnknownTool(name: string, pointer: string, { findings, closest, edit }: UnknownTool): void {
  findings.add('unknown_tool', pointer, `The server declares no tool "${name}".`, closest === undefined ? undefined : `Did you mean "${closest}"?`, edit);
}
