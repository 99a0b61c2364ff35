import type { JsonValue } from '@sallyport/kernel';

import type { PatternCache } from '../conditions/pattern.js';
import type { Meter } from '../conditions/truth.js';

/** Whether a value is valid. Each look at a value costs a step; when none is left the answer means nothing. */
export type SchemaTest = (value: JsonValue, meter: Meter) => boolean;

/** Prepares the parts of one schema. */
export interface SchemaCompiler {
  readonly patterns: PatternCache;
  compile(schema: JsonValue): SchemaTest;
}
