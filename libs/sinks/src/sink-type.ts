import type { JsonObject, Result } from '@sallyport/kernel';
import type { Clock, Scheduler } from '@sallyport/kernel';

import type { GuardedNetwork } from './guarded-network.js';
import type { Sink } from './sink.js';

/** The kinds of sink, as they are written in GraphQL, the CLI and `sallyport.yaml`. */
export const SINK_TYPES = [
  'splunk_hec',
  'elasticsearch',
  'opensearch',
  'otlp_http',
  'otlp_grpc',
  'syslog',
  'relp',
  'webhook',
  'kafka',
  's3',
  'file',
  'datadog',
  'azure_monitor',
  'google_secops',
] as const;
export type SinkTypeName = (typeof SINK_TYPES)[number];

/** The forms an event can be exported in. `native` is the event's own canonical JSON. */
export const EXPORT_FORMATS = ['native', 'ocsf', 'ecs', 'cef', 'leef', 'otlp', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How much goes out at once. */
export interface BatchBounds {
  readonly maxEvents: number;
  /** Bytes of rendered events, before compression. */
  readonly maxBytes: number;
  /** Bytes of one rendered event; a larger one is a dead letter. `null`: `maxBytes`. */
  readonly maxEventBytes: number | null;
}

/** What is wrong with settings or credentials: a JSON Pointer into what was given, and a sentence that says what to write. */
export interface SettingProblem {
  readonly pointer: string;
  readonly message: string;
}

/** What a sink is opened with, besides its settings. */
export interface SinkTools {
  readonly network: GuardedNetwork;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Names the sink and its organisation in what it sends where a receiver wants that. */
  readonly sinkId: string;
  readonly organisationId: string;
}

/** Settings as a person gave them, and credentials by name; both were accepted by `check`. */
export interface SinkConfiguration {
  readonly settings: JsonObject;
  readonly credentials: Readonly<Record<string, string>>;
  readonly format: ExportFormat;
  /** Version of the format's schema, such as `1.8.0` of OCSF; `null`: the newest that this version writes. */
  readonly formatVersion: string | null;
}

/** One kind of sink. */
export interface SinkType {
  readonly name: SinkTypeName;
  /** What it is, in one sentence for a list of kinds. */
  readonly description: string;
  /** The JSON Schema of its settings, with a description of each: what GraphQL and the CLI show. */
  readonly settingsSchema: JsonObject;
  /** Names of its credentials; each is a secret that is never shown again. */
  readonly credentials: readonly { readonly name: string; readonly required: boolean; readonly description: string }[];
  readonly formats: readonly ExportFormat[];
  /** Whether batches of it may go out beside each other because the receiver knows an event that it has already. */
  readonly dedupes: boolean;
  /**
   * After `unavailable` what was sent within this time goes out again, milliseconds: the receiver acknowledges nothing. 0 for a receiver that does.
   * Such a sink answers `unavailable` once when it finds that the connection of its last batch broke, also if it could connect anew.
   */
  readonly resendMs: number;
  /** Whether the receiver knows a batch by its first and last event: then a batch that was tried goes out again with the same ends, also by another process. */
  readonly keepsBatches?: boolean;
  /** How `Sink.prove` shows that a receiver is the organisation's; absent where a test event with a code is sent, which a person looks for. */
  readonly ownership?: 'echo' | 'read_back';
  /** Every problem of the settings, credentials and format, not just the first. */
  check(configuration: SinkConfiguration): Result<void, readonly SettingProblem[]>;
  bounds(configuration: SinkConfiguration): BatchBounds;
  /** What the sink really promises with these settings, one sentence, in the words of the documentation. */
  guarantee(configuration: SinkConfiguration): string;
  /** Where it sends to, as may be shown: never a credential. */
  destination(configuration: SinkConfiguration): string;
  /** Opens it. Does not connect yet: what fails then fails in `deliver`. */
  open(configuration: SinkConfiguration, tools: SinkTools): Sink;
}
