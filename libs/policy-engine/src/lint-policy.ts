import { didYouMean } from './closest-name.js';
import { toolsByName, type DeclaredTool } from './declared-tool.js';
import type { PolicyDocument } from './document.js';
import { FindingList, pointerToken, type PolicyFinding } from './finding.js';
import { lintRule } from './lint/lint-rule.js';
import { compileHide, isGlob, type NameTest } from './visibility.js';

/**
 * Warnings about a document that can be published but may not do what it seems to say, at most 100.
 *
 * @param tools The server's current tool list. Without it only what the document says by itself is looked at. A name
 *              declared twice counts as first declared.
 */
export function lintPolicy(document: PolicyDocument, tools?: readonly DeclaredTool[]): readonly PolicyFinding[] {
  const findings = new FindingList('warning');
  const declared = tools === undefined ? undefined : toolsByName(tools);
  const about: ToolLint = { declared, hides: compileHide(document.hide), findings };
  lintHide(document, declared, findings);
  lintAllTools(document, findings);
  for (const tool of document.tools.keys()) lintTool(document, tool, about);
  return findings.all();
}

type Declared = ReadonlyMap<string, DeclaredTool>;

interface ToolLint {
  readonly declared: Declared | undefined;
  readonly hides: NameTest;
  readonly findings: FindingList;
}

function lintHide(document: PolicyDocument, declared: Declared | undefined, findings: FindingList): void {
  for (const [index, entry] of document.hide.entries()) {
    if (declared !== undefined && !isGlob(entry) && !declared.has(entry)) warnUnknownTool(entry, `/hide/${index}`, { declared, findings });
  }
}

function lintAllTools({ allTools }: PolicyDocument, findings: FindingList): void {
  if (allTools === undefined) return;
  lintRule(allTools, {
    pointer: '/all_tools',
    subject: { tool: undefined, inputSchema: undefined },
    findings,
    requirements: allTools.require,
  });
  if (allTools.action === 'allow') {
    findings.add('no_effect', '/all_tools/action', 'all_tools binds tools that are allowed; it allows none.', 'Use "default": "allow", or name the tools.');
  }
}

function lintTool(document: PolicyDocument, tool: string, about: ToolLint): void {
  const rule = document.tools.get(tool);
  if (rule === undefined || about.findings.isFull) return;
  const { declared, findings } = about;
  const pointer = `/tools/${pointerToken(tool)}`;
  if (about.hides(tool)) findings.add('never_matches', pointer, `${tool} is hidden, so nothing that stands here is ever asked.`);
  if (declared !== undefined && !declared.has(tool)) return warnUnknownTool(tool, pointer, { declared, findings });
  if (declared === undefined && isGlob(tool)) findings.add('no_effect', pointer, 'The names in "tools" are exact; * stands for itself here.');
  lintRule(rule, {
    pointer,
    subject: { tool, inputSchema: declared?.get(tool)?.inputSchema },
    findings,
    requirements: [...rule.require, ...(document.allTools?.require ?? [])],
  });
}

function warnUnknownTool(name: string, pointer: string, about: { readonly declared: Declared; readonly findings: FindingList }): void {
  about.findings.add('unknown_tool', pointer, `The server declares no tool "${name}".`, didYouMean(name, about.declared.keys()));
}
