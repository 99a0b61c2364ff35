export { aPolicy, aPolicyDocument } from './a-policy.js';
export { aToolCall } from './a-tool-call.js';
export type { PolicyCase, PolicyCaseStep } from './policy-case.js';
export { policyCase, recordAsWritten, verdictAsWritten } from './policy-case.js';
export type { ResponseCase, ResponseCaseStep } from './response-case.js';
export { caseHash, responseCase } from './response-case.js';
export type { HostileDocument } from './hostile-documents.js';
export { HOSTILE_DOCUMENTS, HOSTILE_IMPORTS } from './hostile-documents.js';
