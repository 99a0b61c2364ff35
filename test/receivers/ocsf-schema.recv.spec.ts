import { AUDIT_EVENT_TYPES, parseAuditEvent, sealEvent, type AuditFact } from '@sallyport/audit-event';
import { aFact, AN_ORGANISATION, arbitraryStoredEvent, nodeSha256 } from '@sallyport/audit-event/testing';
import { OCSF_VERSIONS, renderOcsf } from '@sallyport/audit-formats';
import type { JsonObject } from '@sallyport/kernel';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { OcsfSchemas } from './ocsf-schemas.js';

const CASES = 1_500;
const MOST_SHOWN = 20;
const PLACE = { stream: AN_ORGANISATION, seq: 1, observedTime: '2026-11-21T09:00:00.000500Z', prevHash: '00'.repeat(32), keyEpoch: 1 };

function rendered(fact: AuditFact, version: (typeof OCSF_VERSIONS)[number]): JsonObject {
  const stored = sealEvent(fact, PLACE, nodeSha256);
  const parsed = parseAuditEvent(stored.line);
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return renderOcsf(parsed.value, stored, version);
}

describe.each(OCSF_VERSIONS)('the schema of OCSF %s itself', (version) => {
  let schemas: OcsfSchemas;
  beforeAll(async () => {
    schemas = await OcsfSchemas.open();
  });

  /** The first of what is wrong, each once. */
  function problemsOf(events: readonly JsonObject[]): readonly string[] {
    schemas.prepare(events);
    const problems = events.flatMap((event) => schemas.problemsOf(event).map((problem) => `class ${String(event['class_uid'])}: ${problem}`));
    return [...new Set(problems)].slice(0, MOST_SHOWN);
  }

  it('takes any event that there can be', () => {
    const generated = fc.sample(arbitraryStoredEvent(), { numRuns: CASES, seed: 20_261_121 });
    expect(problemsOf(generated.map(({ event, stored }) => renderOcsf(event, stored, version)))).toEqual([]);
  });

  it('takes events of every type that say as little as they can', () => {
    const types = [...AUDIT_EVENT_TYPES, 'admin.grant.issued'] as const;
    expect(problemsOf(types.map((type) => rendered({ event_id: aFact().event_id, time: aFact().time, type, severity: 1 }, version)))).toEqual([]);
  });

  it('refuses an event of ours without what it requires, with what it does not know, and with a value of another kind', () => {
    const event = rendered(aFact(), version);
    expect(problemsOf([event])).toEqual([]);
    const { api: _api, ...withoutApi } = event;
    expect(problemsOf([withoutApi])).toEqual([expect.stringContaining('required {"missingProperty":"api"}')]);
    expect(problemsOf([{ ...event, sallyport: 1 }])).toEqual([expect.stringContaining('"additionalProperty":"sallyport"')]);
    expect(problemsOf([{ ...event, severity_id: 9 }])).toEqual([expect.stringContaining('/severity_id')]);
  });
});
