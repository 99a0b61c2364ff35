export type { GuardedNetwork, NetworkRefusal, NetworkTarget, TlsWish } from './guarded-network.js';
export type { Delivery, OutgoingBatch, OutgoingEvent, PauseCause, Sink } from './sink.js';
export type { BatchBounds, ExportFormat, SettingProblem, SinkConfiguration, SinkTools, SinkType, SinkTypeName } from './sink-type.js';
export { EXPORT_FORMATS, SINK_TYPES } from './sink-type.js';
