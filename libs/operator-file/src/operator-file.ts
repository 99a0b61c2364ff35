import type { AllowedSink } from './allowed-sink.js';
import type { EgressRules } from './egress-rules.js';
import type { OperatorLimits } from './limits.js';

/** A process that the operator allows to be started; the only way one ever is. */
export interface StdioEntry {
  readonly slug: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Everything the process gets besides `PATH` and `HOME`. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** Slug of the organisation it belongs to; absent: the first one. */
  readonly organisation?: string | undefined;
}

/** `sallyport.yaml` after parsing, every default filled in. */
export interface OperatorFile {
  readonly stdio: readonly StdioEntry[];
  readonly egress: EgressRules;
  readonly limits: OperatorLimits;
  /** Local files and Kafka topics that sinks may write to. */
  readonly sinks: readonly AllowedSink[];
}
