import type { ToolCall } from '../verdict.js';
import type { Meter, Truth } from './truth.js';

/** A condition ready to be tested against a call. */
export type ConditionTest = (call: ToolCall, meter: Meter) => Truth;
