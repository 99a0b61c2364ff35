export type { AdministrationRefusal, ReplayWish } from './administration.js';
export { SinkAdministration } from './administration.js';
export type {
  CommitRefusal,
  DeadLetter,
  DeadLetterPage,
  DeadLetterState,
  DeliveryChange,
  DeliveryStore,
  LeaseWish,
  NewDeadLetter,
  SettledLetters,
  SinkKey,
  SinkLease,
} from './delivery-store.js';
export { DEAD_LETTER_STATES } from './delivery-store.js';
export type { EventPage, EventSource, ReadBounds } from './event-source.js';
export type { GuardedNetwork, NetworkRefusal, NetworkTarget, TlsWish } from './guarded-network.js';
export type { GapReason, PendingNote, ReplayState, SinkCounters, SinkError, SinkPauseCause, SinkProgress, SinkReplay, SinkStateName } from './sink-progress.js';
export { REPLAY_STATES, SINK_STATES, freshProgress } from './sink-progress.js';
export type { Delivery, OutgoingBatch, OutgoingEvent, OwnershipProblem, PauseCause, Sink } from './sink.js';
export type { BatchBounds, ExportFormat, SettingProblem, SinkConfiguration, SinkTools, SinkType, SinkTypeName } from './sink-type.js';
export { EXPORT_FORMATS, SINK_TYPES } from './sink-type.js';
export { sinksFault } from './sinks-faults.js';
export type { Setting, Told } from './settings/setting.js';
export { choice, flag, gathered, integer, list, optional, setting, text } from './settings/setting.js';
export type { Readable, Settings, ValuesOf } from './settings/settings-reader.js';
export { group, readConfiguration, readObject, settingsSchema } from './settings/settings-reader.js';
export type { SinkTypeOf } from './settings/make-sink-type.js';
export { makeSinkType } from './settings/make-sink-type.js';
export { sinkSettingsFault } from './settings/sink-settings-faults.js';
export type { FactTools, NamedSink } from './export-fact.js';
export { exportFact, isAboutExport } from './export-fact.js';
export type { ExportLimits, ExportParts } from './export-parts.js';
export { EXPORT_LIMITS } from './export-parts.js';
export { parseStored } from './outgoing-event.js';
export { eventsInGaps } from './pending-notes.js';
export type { RoomBounds } from './room.js';
export { Room } from './room.js';
export { safeReason } from './safe-reason.js';
export type { SinkClaim } from './sink-exporter.js';
export { SinkExporter } from './sink-exporter.js';
export type { SinkFilter } from './sink-filter.js';
export { EVERYTHING, filterProblems, letsThrough } from './sink-filter.js';
export { SinkFleet } from './sink-fleet.js';
export type { HealthFacts, SinkHealth } from './sink-health.js';
export { readSinkHealth, sinkHealth } from './sink-health.js';
export type { SinkPlan } from './sink-plan.js';
export { unlessAborted } from './unless-aborted.js';
