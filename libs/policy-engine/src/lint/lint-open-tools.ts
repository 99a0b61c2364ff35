import type { DeclaredTool } from '../declared-tool.js';
import type { PolicyDocument } from '../document.js';
import { pointerToken, type FindingList } from '../finding.js';
import { lookalikeOf } from '../parse/lookalike.js';
import { compileToolMatch, NO_LABELS } from '../tool-match.js';
import { compileHide } from '../visibility.js';

const RISKY: ReadonlySet<string | null> = new Set(['High', 'Critical']);
/** Plain letters and digits that many typefaces draw alike. */
const DRAWN_ALIKE: readonly (readonly [RegExp, string])[] = [
  [/[1Il|]/g, 'l'],
  [/[0O]/g, 'o'],
];

/** Warns of declared tools that a document lets through without looking: risky ones, and such as look like another tool. */
export function lintOpenTools(document: PolicyDocument, declared: ReadonlyMap<string, DeclaredTool>, findings: FindingList): void {
  const hides = compileHide(document.hide);
  const byLook = new Map<string, string>();
  for (const name of declared.keys()) if (!hides(name) && (!byLook.has(lookOf(name)) || lookalikeOf(name) === undefined)) byLook.set(lookOf(name), name);
  for (const { name, labels = NO_LABELS } of declared.values()) {
    const pointer = hides(name) ? undefined : admittedAt(document, { name, labels });
    if (pointer === undefined) continue;
    if (pointer === '/default' && RISKY.has(labels.risk)) {
      const fix = `Name it in "tools", hide it, or deny it by default.`;
      findings.add('risky_tool_open', pointer, `"${name}" has risk ${labels.risk}, and no rule binds its calls.`, fix, [{ op: 'add', path: `/hide`, value: [...document.hide, name] }]);
    }
    warnLookalike(name, pointer, { byLook, findings });
  }
}

/** Where a tool is let through: its name, a class, or the default if nothing else binds it; undefined where it is not. */
function admittedAt(document: PolicyDocument, { name, labels }: Required<Pick<DeclaredTool, 'name' | 'labels'>>): string | undefined {
  if (document.tools.has(name)) return `/tools/${pointerToken(name)}`;
  const selecting = document.select.findIndex(({ match }) => compileToolMatch(match)(name, labels));
  if (selecting >= 0 && (document.default === 'allow' || document.select[selecting]?.allow === true)) return `/select/${selecting}`;
  return document.default === 'allow' ? '/default' : undefined;
}

function warnLookalike(name: string, pointer: string, { byLook, findings }: { readonly byLook: ReadonlyMap<string, string>; readonly findings: FindingList }): void {
  const plain = lookalikeOf(name);
  const other = byLook.get(lookOf(name));
  if (plain === '') findings.add('lookalike_tool', pointer, `The server declares a tool "${name}" whose name holds characters that cannot be seen.`, 'Hide it, or ask its server to rename it.');
  else if (other !== undefined && other !== name) findings.add('lookalike_tool', pointer, `The server declares "${name}" and "${other}", which look the same.`, 'Hide the one that is not meant.');
  else if (plain !== undefined && plain !== name && /^[\u0020-\u007e]*$/.test(plain)) findings.add('lookalike_tool', pointer, `The server declares "${name}", which looks like "${plain}".`, 'Hide it, or ask its server to rename it.');
}

function lookOf(name: string): string {
  return DRAWN_ALIKE.reduce((look, [letters, as]) => look.replace(letters, as), lookalikeOf(name) ?? name);
}
