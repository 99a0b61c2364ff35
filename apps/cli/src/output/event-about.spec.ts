import { describe, expect, it } from 'vitest';

import { eventAbout } from './event-about.js';

describe('what an audit event is about', () => {
  const actor = { kind: 'member', credential_kind: 'admin_token', credential_id: 't1' };
  it.each([
    ['a call: the tool, behind its server', { actor, server: { alias: 'tracker' }, mcp: { tool: 'create_refund' } }, 'tracker/create_refund'],
    ['a change: the object, not the credential it was made with', { actor, admin: { object_type: 'grant', object_id: 'g1' } }, 'grant/g1'],
    ['an export: the sink', { export: { sink_id: 's1', sink_name: 'siem' } }, 'sink/siem'],
    ['a list: the server', { actor, server: { alias: 'tracker' }, mcp: { method: 'tools/list' } }, 'tracker'],
    ['a sign-in: the credential, also one that was refused', { actor: { kind: 'unknown', credential_kind: 'grant_token', credential_id: 't2' }, source: { ip: '127.0.0.1' } }, 'grant_token/t2'],
    ['guesses: where they came from', { actor: { kind: 'unknown' }, source: { ip: '127.0.0.1' } }, 'from 127.0.0.1'],
    ['a checkpoint: nothing', { checkpoint: { size: 3 } }, null],
  ])('%s', (_what, event, about) => {
    expect(eventAbout(JSON.stringify(event))).toBe(about);
  });
});
