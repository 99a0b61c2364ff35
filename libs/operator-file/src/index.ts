export type { AllowedSink } from './allowed-sink.js';
export type { EgressRules, OpenedNetwork } from './egress-rules.js';
export type { OperatorLimits } from './limits.js';
export { DEFAULT_LIMITS } from './limits.js';
export type { OperatorFileError } from './operator-file-error.js';
export { formatOperatorFileErrors } from './operator-file-error.js';
export type { OperatorFile, StdioEntry } from './operator-file.js';
export { parseOperatorFile } from './parse-operator-file.js';
