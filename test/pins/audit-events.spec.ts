import { ADMIN_OBJECTS, AUDIT_EVENT_TYPES, AUDIT_SCHEMA, DEPLOYMENT_STREAM, FIELD_CATALOGUE } from '@sallyport/audit-event';
import { EXPORT_FORMATS, SINK_TYPES } from '@sallyport/sinks';
import { describe, expect, it } from 'vitest';

describe('audit events', () => {
  it('have this schema and these types', () => {
    expect([AUDIT_SCHEMA, DEPLOYMENT_STREAM]).toEqual(['sallyport.audit/1', '_deployment']);
    expect(AUDIT_EVENT_TYPES).toEqual([
      'call.decided',
      'call.completed',
      'call.abandoned',
      'list.served',
      'approval.requested',
      'approval.granted',
      'approval.denied',
      'approval.expired',
      'definition.drift',
      'definition.approved',
      'definition.quarantined',
      'flow.tainted',
      'limit.tripped',
      'auth.success',
      'auth.failure',
      'export.paused',
      'export.resumed',
      'export.dead_letter',
      'export.gap',
      'export.replay',
      'audit.checkpoint',
      'audit.degraded',
      'audit.redaction_revealed',
      'audit.key_announced',
      'worker.start',
      'worker.stop',
      'worker.stale',
    ]);
    expect(ADMIN_OBJECTS).toEqual(['organisation', 'member', 'identity', 'grant', 'policy', 'server', 'sink', 'token', 'key', 'reveal']);
  });

  it('have no top-level member but these', () => {
    expect([...new Set(FIELD_CATALOGUE.map(({ path }) => path.split('.')[0]))].sort()).toEqual([
      'actor', 'admin', 'checkpoint', 'client', 'counted', 'decision', 'event_id', 'export', 'ext', 'gateway', 'integrity', 'key', 'list', 'mcp', 'observed_time', 'organisation_id',
      'outcome', 'reason', 'request', 'response', 'schema', 'seq', 'server', 'severity', 'source', 'stream', 'time', 'timing', 'trace', 'type',
    ]);
  });
});

describe('sinks', () => {
  it('are of these kinds, and export these forms', () => {
    expect(SINK_TYPES).toEqual([
      'splunk_hec', 'elasticsearch', 'opensearch', 'otlp_http', 'otlp_grpc', 'syslog', 'relp', 'webhook', 'kafka', 's3', 'file', 'datadog', 'azure_monitor', 'google_secops',
    ]);
    expect(EXPORT_FORMATS).toEqual(['native', 'ocsf', 'ecs', 'cef', 'leef', 'otlp', 'parquet']);
  });
});
