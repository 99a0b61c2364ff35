import type { PolicyEdit } from './policy-edit.js';

/** What can be wrong with a document (errors) or worth a second look (warnings). Closed: consoles and scripts switch on it. */
export const FINDING_CODES = [
  'bad_json',
  'bad_yaml',
  'duplicate_key',
  'too_large',
  'too_deep',
  'too_many',
  'missing_field',
  'unknown_field',
  'bad_type',
  'bad_value',
  'unknown_op',
  'bad_path',
  'bad_regex',
  'bad_schema',
  'bad_cel',
  'bad_name',
  'bad_window',
  'duplicate_counter',
  'not_exact',
  'unknown_tool',
  'unknown_path',
  'type_mismatch',
  'never_matches',
  'optional_property',
  'no_effect',
  'risky_tool_open',
  'lookalike_tool',
] as const;

/** One of `FINDING_CODES`. */
export type FindingCode = (typeof FINDING_CODES)[number];

/**
 * One remark about a policy document. Errors keep it from being published, warnings do not.
 * `pointer` is a JSON Pointer (RFC 6901) into the document, `''` for the whole; `fix` says what to write instead.
 */
export interface PolicyFinding {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly pointer: string;
  readonly message: string;
  readonly fix?: string;
  /** The fix for a program to carry out, where it is certain enough (see `applyPolicyEdit`). */
  readonly edit?: PolicyEdit;
}

const MAX_FINDINGS = 100;

/** Collects findings, at most 100: a hostile document must not buy an unbounded answer. */
export class FindingList {
  private readonly found: PolicyFinding[] = [];

  constructor(private readonly severity: PolicyFinding['severity']) {}

  /** Adds one, unless 100 are held already. */
  add(code: FindingCode, pointer: string, message: string, fix?: string, edit?: PolicyEdit): void {
    if (this.isFull) return;
    const { severity } = this;
    this.found.push({ severity, code, pointer, message, ...(fix === undefined ? {} : { fix }), ...(edit === undefined ? {} : { edit }) });
  }

  get isFull(): boolean {
    return this.found.length >= MAX_FINDINGS;
  }

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  all(): readonly PolicyFinding[] {
    return this.found;
  }
}

/** One reference token of a JSON Pointer, escaped as RFC 6901 says. */
export function pointerToken(key: string | number): string {
  if (typeof key === 'number') return String(key);
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}
