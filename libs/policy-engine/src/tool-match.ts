import type { ToolMatch } from './document.js';
import type { ToolLabels } from './verdict.js';
import { compileHide } from './visibility.js';

/** Whether a class of tools holds a tool. */
export type ToolTest = (tool: string, labels: ToolLabels) => boolean;

/** The labels of a tool that nothing is known of. */
export const NO_LABELS: ToolLabels = Object.freeze({ category: null, risk: null, annotations: Object.freeze({}) });

/** Prepares a class of tools: every field that is written must match. */
export function compileToolMatch(match: ToolMatch): ToolTest {
  const names = match.name === undefined ? undefined : compileHide(match.name);
  const hints = Object.entries(match.annotations ?? {});
  return (tool, labels) =>
    (names === undefined || names(tool)) &&
    isAmong(match.category, labels.category) &&
    isAmong(match.risk, labels.risk) &&
    hints.every(([hint, wanted]) => Object.hasOwn(labels.annotations, hint) && labels.annotations[hint] === wanted);
}


function isAmong<Label>(wanted: readonly Label[] | undefined, label: Label | null): boolean {
  return wanted === undefined || (label !== null && wanted.includes(label));
}
