import type { FindingFieldsFragment, PlacedFindingFieldsFragment } from '@sallyport/graphql-contract';

import type { CommandContext } from '../session/command-context.js';
import { refusal } from './answers.js';
import { oneLine } from './table.js';

/** A finding as scripts see it; `fix` is left out where nothing better is known. */
export interface PlainFinding {
  readonly severity: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly fix?: string;
  readonly line?: number;
  readonly column?: number;
}

/** An answer that rejects a document or a text for what was found in it. */
export interface RejectedAnswer {
  readonly code: string;
  readonly message: string;
  readonly pointer?: string | null;
  readonly findings: readonly (FindingFieldsFragment | PlacedFindingFieldsFragment)[];
}

/** A finding of the admin API without what scripts are not promised. */
export function plainFinding(finding: FindingFieldsFragment | PlacedFindingFieldsFragment): PlainFinding {
  const { severity, code, pointer, message, fix } = finding;
  const place = 'line' in finding ? { line: finding.line, column: finding.column } : {};
  return { severity, code, pointer, message, ...(fix === null || fix === undefined ? {} : { fix }), ...place };
}

/** A line for each finding. */
export function findingLines(findings: readonly PlainFinding[]): string {
  return findings.map((finding) => `${finding.severity} ${placeOf(finding)}: ${oneLine(finding.message)}${finding.fix === undefined ? '' : ` → ${oneLine(finding.fix)}`}\n`).join('');
}

/** Ends the command with a rejection, and tells a person everything that was found. */
export function rejected(context: CommandContext, answer: RejectedAnswer): void {
  refusal(context, answer);
  if (!context.json) context.terminal.err(findingLines(answer.findings.map(plainFinding)));
}

function placeOf({ pointer, line, column }: PlainFinding): string {
  return line === undefined ? pointer || '/' : `line ${line}:${column ?? 1} ${pointer || '/'}`;
}
