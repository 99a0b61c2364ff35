import { describe, expect, it } from 'vitest';

import { EgressGuard, type EgressScope, type GuardedUrl } from './egress-guard.js';

const acme: EgressScope = { organisationId: 'id-acme', organisationSlug: 'acme' };
const other: EgressScope = { organisationId: 'id-other', organisationSlug: 'other' };
const shut = new EgressGuard({ allow: [], ports: [8443] });

const codeOf = (guard: EgressGuard, url: string, scope = acme): string => {
  const checked = guard.checkUrl(url, scope);
  return checked.ok ? 'ok' : checked.refusal.code;
};

const target = (url: string): GuardedUrl => {
  const checked = new EgressGuard({ allow: [{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }], ports: [] }).checkUrl(url, acme);
  if (!checked.ok) throw new Error(checked.refusal.message);
  return checked.value;
};

const resolving = (...addresses: string[]): EgressGuard => new EgressGuard({ allow: [], ports: [] }, async () => addresses);
const pinned = async (guard: EgressGuard, url: string): Promise<string> => {
  const answer = await guard.pin(target(url), acme);
  return answer.ok ? answer.value : answer.refusal.code;
};

describe('the egress guard', () => {
  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://0.0.0.0/',
    'https://169.254.169.254/latest/meta-data',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    'https://192.0.2.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:7f00:1::1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[fd00::1]/',
    'https://[ff02::1]/',
    'https://[2001:db8::1]/',
  ])('refuses the literal %s [egress/guarded]', (url) => {
    expect(codeOf(shut, url)).toBe('address');
  });

  it('accepts public addresses on https, on port 443 and the ports of the operator', () => {
    expect(codeOf(shut, 'https://8.8.8.8/mcp')).toBe('ok');
    expect(codeOf(shut, 'https://[2606:4700::1111]/mcp')).toBe('ok');
    expect(codeOf(shut, 'https://8.8.8.8:8443/mcp')).toBe('ok');
    expect(codeOf(shut, 'https://8.8.8.8:8444/mcp')).toBe('port');
    expect(codeOf(shut, 'http://8.8.8.8/mcp')).toBe('scheme');
  });

  it('refuses what is not an http address and credentials inside one', () => {
    expect(codeOf(shut, 'nonsense')).toBe('not_a_url');
    expect(codeOf(shut, 'file:///etc/passwd')).toBe('scheme');
    expect(codeOf(shut, 'https://user:secret@example.com/')).toBe('credentials');
  });

  it('opens a network to the organisations that the operator named, by id or slug, with any port and plain http', () => {
    const guard = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8', organisations: ['acme'] }, { cidr: 'fd00::/8', organisations: ['id-acme'] }], ports: [] });
    expect(codeOf(guard, 'http://127.0.0.1:3000/mcp')).toBe('ok');
    expect(codeOf(guard, 'http://[fd00::1]:3000/mcp')).toBe('ok');
    expect(codeOf(guard, 'http://127.0.0.1:3000/mcp', other)).toBe('address');
    expect(codeOf(guard, 'http://[::ffff:127.0.0.1]:3000/mcp')).toBe('address');
  });

  it('pins one address only when every answer passes [egress/guarded]', async () => {
    expect(await pinned(resolving('8.8.8.8', '8.8.4.4'), 'https://a.test/')).toBe('8.8.8.8');
    expect(await pinned(resolving('8.8.8.8', '10.0.0.1'), 'https://a.test/')).toBe('address');
    expect(await pinned(resolving('8.8.8.8', '64:ff9b::7f00:1'), 'https://a.test/')).toBe('address');
    expect(await pinned(resolving('8.8.8.8'), 'http://a.test/')).toBe('scheme');
    expect(await pinned(resolving('8.8.8.8'), 'https://a.test:444/')).toBe('port');
    expect(await pinned(resolving(), 'https://a.test/')).toBe('unresolvable');
  });

  it('treats a failing resolver as a name without an address', async () => {
    const guard = new EgressGuard({ allow: [], ports: [] }, () => Promise.reject(new Error('ENOTFOUND 10.0.0.1')));
    expect(await pinned(guard, 'https://a.test/')).toBe('unresolvable');
  });

  it('accepts as peer only the address that was pinned [egress/guarded]', () => {
    const url = target('https://a.test/');
    expect(shut.acceptsPeer(url, acme, { pinned: '8.8.8.8', connected: '8.8.8.8' })).toBe(true);
    expect(shut.acceptsPeer(url, acme, { pinned: '8.8.8.8', connected: '8.8.4.4' })).toBe(false);
    expect(shut.acceptsPeer(url, acme, { pinned: '127.0.0.1', connected: '127.0.0.1' })).toBe(false);
    expect(shut.acceptsPeer(url, acme, { pinned: '8.8.8.8', connected: undefined })).toBe(false);
  });

  it('never shows a resolved address in a refusal', async () => {
    const answer = await resolving('10.9.8.7').pin(target('https://a.test/'), acme);
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'address' } });
    expect(JSON.stringify(answer)).not.toContain('10.9.8.7');
  });
});
