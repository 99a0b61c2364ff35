import type { CallSeen, RunHistory, Violation } from '@sallyport/test-support';

export interface StoredSeen {
  readonly grant: string;
  readonly allowed: number;
}
export interface SoakHistory extends RunHistory {
  readonly stored: readonly StoredSeen[];
  readonly faults: readonly object[];
}
export function readHistory(text: string): SoakHistory;
export function unrecordedAnswers(history: { readonly calls: readonly CallSeen[]; readonly stored: readonly StoredSeen[] }): readonly Violation[];
