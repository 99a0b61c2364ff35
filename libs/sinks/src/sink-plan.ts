import type { SinkFilter } from './sink-filter.js';
import type { SinkConfiguration, SinkType } from './sink-type.js';

/** A sink as an organisation set it up. */
export interface SinkPlan {
  readonly organisationId: string;
  readonly sinkId: string;
  /** The stream it exports. */
  readonly stream: string;
  readonly name: string;
  /** Counts its settings: a higher one replaces the lower, and ends a pause that was about the lower. */
  readonly version: number;
  readonly enabled: boolean;
  /** The `seq` after which it begins when it never exported. */
  readonly startAfter: number;
  readonly type: SinkType;
  /** Settings that `type.check` accepted. */
  readonly configuration: SinkConfiguration;
  readonly filter: SinkFilter;
}
