import type { ToolCall } from '../verdict.js';
import { aToolCall } from './a-tool-call.js';

/** One message of a case and what it must become; `text` is the message's very text. */
export interface ResponseCaseStep {
  readonly text: string;
  readonly outcome: 'unchanged' | 'rewritten' | 'denied';
  /** As a value, or as the very text. */
  readonly becomes?: unknown;
  readonly becomesText?: string;
  readonly removed?: readonly unknown[];
  readonly denial?: Readonly<Record<string, unknown>>;
}

/** One golden case about answers: `policy` is the document's text, for the tool `t` that `call` calls. */
export interface ResponseCase {
  readonly shows: string;
  readonly policy: string;
  readonly call: ToolCall;
  readonly steps: readonly ResponseCaseStep[];
}

interface RawCase {
  readonly shows: string;
  readonly response: object;
  readonly call?: Partial<ToolCall>;
  readonly messages: readonly (Omit<ResponseCaseStep, 'text'> & { readonly text?: string; readonly message?: object })[];
}

/**
 * Reads a case file's parsed YAML: `shows`, `response` (the rule of the tool `t`), `call` and `messages`, each with `message`
 * or its `text`, `outcome`, and what that outcome has: `becomes` or `becomesText`, `removed`, `denial`.
 */
export function responseCase(source: unknown): ResponseCase {
  const raw = source as RawCase;
  return {
    shows: raw.shows,
    policy: JSON.stringify({ version: '1', default: 'deny', tools: { t: { response: raw.response } } }),
    call: aToolCall({ tool: 't', ...raw.call }),
    steps: raw.messages.map(({ text, message, ...wanted }) => ({ text: text ?? JSON.stringify(message), ...wanted })),
  };
}

/** The keyed hash of the cases: `len` and the value's length. */
export const caseHash = (value: string): string => `len${value.length}`;
