import { branded, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { openCall } from './open-call.js';
import type { RecordedCall } from './recorded-call.js';

const bare: RecordedCall = {
  decisionId: 'decision-1',
  atMs: branded<EpochMs>(1_760_000_000_000),
  tool: 'pay',
  server: 'billing',
  identity: { id: 'identity-1' },
  grant: { id: 'grant-1' },
  session: { id: 'session-1' },
  clientName: 'a client',
  argumentKeys: [],
  was: { outcome: 'allowed', ruleId: '/tools/pay', reasonCode: null },
};
const labels = { category: 'Read' as const, risk: null, annotations: {} };

describe('a recorded call, opened', () => {
  it('lacks every fact that was not kept, and stands empty there', () => {
    const { call, lacks, openArguments } = openCall(bare, 'refund');
    expect([...lacks].sort()).toEqual(['grant.labels', 'identity.groups', 'identity.kind', 'identity.labels', 'identity.name', 'session.calls', 'tool.annotations', 'tool.category', 'tool.risk']);
    expect([...openArguments]).toEqual([]);
    expect(call).toEqual({
      tool: 'refund', args: {}, atMs: bare.atMs, grant: { id: 'grant-1', labels: {} }, identity: { id: 'identity-1', kind: '', name: '', labels: {}, groups: undefined },
      server: { slug: 'billing' }, session: { id: 'session-1' }, client: { name: 'a client' }, labels: undefined,
    });
  });

  it.each<[string, Partial<RecordedCall>, string]>([
    ['a kind', { identity: { id: 'i', kind: 'agent' } }, 'identity.kind'],
    ['a name', { identity: { id: 'i', name: 'bot' } }, 'identity.name'],
    ['labels of the identity', { identity: { id: 'i', labels: { team: 'ops' } } }, 'identity.labels'],
    ['groups', { identity: { id: 'i', groups: ['g'] } }, 'identity.groups'],
    ['labels of the grant', { grant: { id: 'g', labels: { a: 'b' } } }, 'grant.labels'],
    ['the number of calls', { session: { id: 's', calls: 3 } }, 'session.calls'],
  ])('does not lack %s that were kept', (_, about, fact) => {
    const { call, lacks } = openCall({ ...bare, ...about }, 'pay');
    expect([...lacks]).not.toContain(fact);
    expect(lacks.size).toBe(8);
    expect(call).toMatchObject({ ...about });
  });

  it('knows category, risk and annotations together', () => {
    const { call, lacks } = openCall({ ...bare, labels }, 'pay');
    expect([...lacks].filter((each) => each.startsWith('tool.'))).toEqual([]);
    expect(call.labels).toBe(labels);
  });

  it('leaves open which arguments were there and were not kept', () => {
    const open = (about: Partial<RecordedCall>) => [...openCall({ ...bare, ...about }, 'pay').openArguments];
    expect(open({ argumentKeys: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(open({ argumentKeys: ['a', 'b'], args: { a: 1 } })).toEqual(['b']);
    expect(open({ argumentKeys: ['a', 'toString'], args: { a: 1 } })).toEqual(['toString']);
    expect(open({ argumentKeys: ['a'], args: { a: null } })).toEqual([]);
    expect(openCall({ ...bare, argumentKeys: ['a'], args: { a: 1 } }, 'pay').call.args).toEqual({ a: 1 });
  });
});
