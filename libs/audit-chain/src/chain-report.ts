import type { Finding, VerdictCode } from './finding.js';
import type { AnnouncedKey } from './key-trust.js';

/** A signed head that the events were held against. */
export interface HeadReport {
  /** Where it came from: the export's own trailer, or the caller. */
  readonly source: 'trailer' | 'given';
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Names and key hashes of the log's keys that signed it. */
  readonly signedBy: readonly string[];
  /** Witnesses that are known, and when they say that they saw it, in seconds since 1970. */
  readonly witnesses: readonly { readonly name: string; readonly cosignedAt: number }[];
  /** Whether the events have this head; `not_compared` when that could not be told from what was given. */
  readonly result: 'same' | 'different' | 'not_compared';
}

/** The code of a report. */
export function verdictCode(found: VerdictCode, undecided: readonly string[]): VerdictCode {
  return found === 0 && undecided.length > 0 ? 1 : found;
}

/** What an export's trailer says, once its signature was found right. */
export interface TrailerReport {
  readonly origin: string;
  readonly exportedAt: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  /** Names and key hashes of the keys that signed it. */
  readonly signedBy: readonly string[];
}

/** What a verifier found. The same for every form of log, so that one report can be written of all. */
export interface ChainReport {
  /** 0 when nothing is wrong; else the exit code of the first finding by `seq`, or 1 when there is none and `undecided` is not empty. */
  readonly code: VerdictCode;
  /** What was asked and could not be told, in sentences. */
  readonly undecided: readonly string[];
  /** By `seq`, at most `MAX_FINDINGS`. */
  readonly findings: readonly Finding[];
  readonly findingsTotal: number;
  /** What an auditor should know that is not wrong. */
  readonly notices: readonly string[];
  readonly stream?: string;
  /** Lines that are events as they were written and in their place. */
  readonly events: number;
  readonly firstSeq?: number;
  readonly lastSeq?: number;
  readonly firstTime?: string;
  readonly lastTime?: string;
  /** `integrity.hash` of the last event. */
  readonly lastHash?: string;
  /** Base64 of the root over the events, where they are whole. */
  readonly root?: string;
  readonly trailer?: TrailerReport;
  readonly heads: readonly HeadReport[];
  readonly announcedKeys: readonly AnnouncedKey[];
}
