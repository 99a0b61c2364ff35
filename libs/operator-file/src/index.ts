export type { EgressRules, OpenedNetwork } from './egress-rules.js';
export type { OperatorLimits } from './limits.js';
export { DEFAULT_LIMITS } from './limits.js';
export type { OperatorFile, StdioEntry } from './operator-file.js';
