export type { Frame, FrameLimits, FrameMeta, FrameSpans, MalformedFrame, MalformedReason, RpcId, Span } from './frame.js';
export { FRAME_LIMITS, MALFORMED_REASONS } from './frame.js';
export type { Refusal, RefusalReason } from './refusal.js';
export { REFUSAL_REASONS } from './refusal.js';
export type { ProtocolRevision } from './revisions.js';
export { ASSUMED_REVISION, LEGACY_REVISIONS, META_KEYS, MODERN_REVISIONS, PROTOCOL_REVISIONS, eraOf } from './revisions.js';
export type { RpcCode } from './rpc-codes.js';
export { RPC_CODES } from './rpc-codes.js';
export type { MethodClass, NameSource } from './methods.js';
export { METHOD_CLASSES, classifyMethod, methodsOf, nameSourceOf } from './methods.js';
export { MetaMemory } from './meta-memory.js';
export { scanFrame } from './scan-frame.js';
export type { Answer, ShownDecision } from './answers.js';
export {
  DECISION_META_KEY,
  deniedCall,
  deniedRequest,
  errorBody,
  malformedAnswer,
  methodNotFound,
  refusedFrame,
  resultBody,
  rpcError,
  statusOf,
  unknownTool,
} from './answers.js';
export type { Classified } from './classify-frame.js';
export { classifyFrame } from './classify-frame.js';
export type { HeaderParam } from './header-params.js';
export { checkParamHeaders, headerParams, mirrorHeaders } from './header-params.js';
export { decodeMirroredValue, encodeMirroredValue } from './mirrored-value.js';
export type { HeaderView } from './read-headers.js';
export { readHeaders } from './read-headers.js';
export type { Splice } from './splice-frame.js';
export { spliceFrame } from './splice-frame.js';
export type { MessageFault, MessageSummary } from './message-summary.js';
export { MESSAGE_FAULTS } from './message-summary.js';
export { ResponseWatcher, readResponse, readUpstreamMessage } from './response-watcher.js';
export type { SseFields } from './sse-event.js';
export { SSE_KEEP_ALIVE, sseEvent } from './sse-event.js';
export type { SseEvent } from './sse-splitter.js';
export { SseSplitter } from './sse-splitter.js';
export type { AdmittedTools } from './admit-tools.js';
export { TOOL_LIMITS, admitTools, definitionHash } from './admit-tools.js';
export { RESULT_LIMITS, jsonText, readJson } from './read-json.js';
export type { RenderedToolList } from './render-tool-list.js';
export { renderToolList, toolListBody } from './render-tool-list.js';
export type { CapabilityRules } from './restrict-capabilities.js';
export { restrictCapabilities } from './restrict-capabilities.js';
