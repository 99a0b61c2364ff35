import type { AuditFact } from '../audit-event.js';
import { microTime } from '../micro-time.js';

/** The `n`th event id of a test, in the form of a UUIDv7. */
export function eventIdOf(n: number): string {
  return `0199c2a0-7b00-7000-9000-${n.toString(16).padStart(12, '0')}`;
}

/** The organisation that facts of tests belong to. */
export const AN_ORGANISATION = '0199c2a0-7b00-7000-8000-0000000000a1';

/** A complete and plausible `call.decided` of an admitted call; of the same number always the same. */
export function aFact(over: Partial<AuditFact> = {}, n = 1): AuditFact {
  return {
    event_id: eventIdOf(n),
    organisation_id: AN_ORGANISATION,
    time: microTime(1_763_715_600_000 + n),
    type: 'call.decided',
    severity: 1,
    actor: {
      identity_id: '0199c2a0-7b00-7000-8000-0000000000a3',
      kind: 'agent',
      name: 'billing-bot',
      credential_id: '0199c2a0-7b00-7000-8000-0000000000a5',
      credential_kind: 'grant_token',
      auth_method: 'bearer',
    },
    client: { name: 'an-agent', unverified: true },
    source: { ip: '192.0.2.17' },
    gateway: { instance_id: 'worker-1' },
    server: { id: '0199c2a0-7b00-7000-8000-0000000000a2', alias: 'time-tracker' },
    mcp: { method: 'tools/call', tool: 'stop_timer', request_id: '42', protocol_version: '2025-11-25', definition_hash: 'ab'.repeat(32) },
    decision: {
      decision_id: eventIdOf(n),
      effect: 'allow',
      mode: 'enforced',
      policy_id: '0199c2a0-7b00-7000-8000-0000000000a6',
      policy_version: 7,
      revision: 1234,
      grant_id: '0199c2a0-7b00-7000-8000-0000000000a4',
      rule_ids: ['/tools/stop_timer'],
      limits: [{ key: 'o/p/stop_timer_rate/g', units: '1', window_start: microTime(1_763_715_600_000), window_end: microTime(1_763_715_660_000) }],
      audit_mode: 'process',
    },
    request: { argument_keys: ['workspaceId', 'timeEntryId'], args_digest: 'cd'.repeat(32), args_bytes: 118 },
    ...over,
  };
}
