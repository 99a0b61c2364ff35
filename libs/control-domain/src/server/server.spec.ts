import type { DomainFact, ServerRegistered, ServerToolsApproved, Upstream } from '@sallyport/domain-events';
import { branded, type ServerId, type Sha256Hex } from '@sallyport/kernel';
import type { ToolCategory, ToolRisk } from '@sallyport/policy-engine';
import { scenario } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { isHeaderValue } from './check-headers.js';
import { decideServer } from './decide-server.js';
import { evolveServer, noServer } from './evolve-server.js';
import type { Server, ServerCommand, ServerRefusal, ToolListing } from './server.js';
import { NOT_LISTED } from './tool-changes.js';

const server = scenario<Server, ServerCommand, DomainFact, ServerRefusal>({ initial: noServer, evolve: evolveServer, decide: decideServer });
const serverId = branded<ServerId>('s1');
const hash = (letter: string) => branded<Sha256Hex>(letter.repeat(64));
const sealed = (...names: readonly string[]) => names.map((name) => ({ name, sealedValue: `sealed ${name}` }));
const http = (url = 'https://mcp.example.com/mcp', ...names: readonly string[]): Upstream => ({ kind: 'http', url, headers: sealed(...names) });
const register = { type: 'register', serverId, slug: 'clockify', slugTaken: false, upstream: http(), timeoutMs: 60_000, source: 'api' } as const;
const registered = (upstream: Upstream = http()): ServerRegistered => ({
  type: 'server.registered',
  version: 1,
  data: { serverId, slug: 'clockify', upstream, timeoutMs: 60_000 },
});
const updated = (upstream: Upstream, timeoutMs = 60_000): DomainFact => ({ type: 'server.updated', version: 1, data: { serverId, upstream, timeoutMs } });
const update = { type: 'update', url: undefined, setHeaders: [], removeHeaders: [], timeoutMs: undefined } as const;

describe('labelling a tool', () => {
  const approved: ServerToolsApproved = {
    type: 'server.tools_approved',
    version: 1,
    data: { serverId, eras: ['legacy'], protocolVersions: [], serverInfo: '{}', tools: [{ name: 'stop', definition: '{}', hash: hash('a') }], rejected: [] },
  };
  const labelled = (category: ToolCategory | null, risk: ToolRisk | null): DomainFact => ({ type: 'server.tool_labelled', version: 1, data: { serverId, tool: 'stop', category, risk } });
  const label = { type: 'label-tool', tool: 'stop', category: undefined, risk: undefined } as const;
  const after = (...more: readonly DomainFact[]) => server.given(registered(), approved, ...more);

  it('says what is given, keeps what is left out, and takes away what is null', () => {
    after().when({ ...label, category: 'Write' }).produces(labelled('Write', null));
    after(labelled('Write', null)).when({ ...label, risk: 'High' }).produces(labelled('Write', 'High'));
    after(labelled('Write', 'High')).when({ ...label, category: null }).produces(labelled(null, 'High'));
  });

  it('adds nothing where it is so already', () => {
    after(labelled('Write', null)).when({ ...label, category: 'Write' }).produces();
    after().when({ ...label, risk: null }).produces();
  });

  it('needs a tool that was seen', () => {
    after().when({ ...label, tool: 'stopp', risk: 'Low' }).isRefused({ code: 'server.tool_unknown', pointer: '/tool' });
    server.given(registered()).when({ ...label, risk: 'Low' }).isRefused({ code: 'server.tool_unknown', pointer: '/tool' });
  });
});

describe('registering a server', () => {
  it('keeps its slug, address and time limit', () => {
    server.given().when(register).produces(registered());
  });

  it.each(['', '-a', 'a-', 'A', 'a_b', 'ä', 'a'.repeat(64), 'a/b', '0198c0de-0000-7000-8000-000000000001'])('refuses the slug %j', (slug) => {
    server.given().when({ ...register, slug }).isRefused({ code: 'server.slug_invalid', pointer: '/slug' });
  });

  it.each(['a', '7', 'a-b', 'a'.repeat(63)])('accepts the slug %j', (slug) => {
    server.given().when({ ...register, slug }).produces({ ...registered(), data: { ...registered().data, slug } });
  });

  it('refuses a slug that another server has, and a second registration', () => {
    server.given().when({ ...register, slugTaken: true }).isRefused({ code: 'server.slug_taken', pointer: '/slug' });
    server.given(registered()).when(register).isRefused({ code: 'server.exists', pointer: '' });
  });

  it('lets only the operator’s file name a process [stdio/operator-only]', () => {
    const upstream = { kind: 'stdio' } as const;
    server.given().when({ ...register, upstream }).isRefused({ code: 'stdio_from_file_only', pointer: '/url' });
    server.given().when({ ...register, upstream, source: 'operator-file' }).produces(registered(upstream));
  });

  it.each(['', 'mcp.example.com', 'ftp://example.com', 'stdio:server', 'https://user@example.com', 'https://:secret@example.com', 'https://example.com/#a', `https://example.com/${'a'.repeat(2_048)}`])(
    'refuses the address %j',
    (url) => {
      server.given().when({ ...register, upstream: http(url) }).isRefused({ code: 'server.url_invalid', pointer: '/url' });
    },
  );

  it.each([999, 3_600_001, 1_500.5, Number.NaN])('refuses a time limit of %d ms', (timeoutMs) => {
    server.given().when({ ...register, timeoutMs }).isRefused({ code: 'server.timeout_invalid', pointer: '/timeout' });
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'Connection', 'TE', 'Upgrade', 'Proxy-Authorization', 'Mcp-Session-Id', 'MCP-Protocol-Version', 'Accept', 'Content-Type', 'Sallyport-Min-Revision', ':authority'])(
    'does not let %s be sent',
    (name) => {
      const upstream = http('https://example.com/', 'Authorization', name);
      server.given().when({ ...register, upstream }).isRefused({ code: 'server.header_reserved', pointer: '/headers/1/name' });
    },
  );

  it.each(['', 'X Key', 'X-Key:', 'X\r\nHost', 'Schlüssel'])('refuses %j as a header’s name', (name) => {
    server.given().when({ ...register, upstream: http('https://example.com/', name) }).isRefused({ code: 'server.header_name_invalid', pointer: '/headers/0/name' });
  });

  it('refuses a header that stands twice, and more than 32', () => {
    server.given().when({ ...register, upstream: http('https://example.com/', 'X-Key', 'x-key') }).isRefused({ code: 'server.header_repeated', pointer: '/headers/1/name' });
    const many = Array.from({ length: 33 }, (_, at) => `X-${at}`);
    server.given().when({ ...register, upstream: http('https://example.com/', ...many) }).isRefused({ code: 'server.headers_too_many', pointer: '/headers' });
  });

  it('takes printable header values only', () => {
    expect(['Bearer abc', 'a', 'a\tb'].map(isHeaderValue)).toEqual([true, true, true]);
    expect(['', ' a', 'a ', 'a\r\nb', 'a\0b', 'ä', 'a'.repeat(8_193)].map(isHeaderValue)).toEqual(Array.from({ length: 7 }, () => false));
  });
});

describe('updating a server', () => {
  const given = server.given(registered(http('https://mcp.example.com/mcp', 'Authorization', 'X-Team')));

  it('changes what is named and keeps the rest', () => {
    given.when({ ...update, timeoutMs: 5_000 }).produces(updated(http('https://mcp.example.com/mcp', 'Authorization', 'X-Team'), 5_000));
    given.when({ ...update, url: 'https://mcp.example.com/v2' }).produces(updated(http('https://mcp.example.com/v2', 'Authorization', 'X-Team')));
  });

  it('changes nothing when everything is so already', () => {
    given.when({ ...update, url: 'https://mcp.example.com/mcp', timeoutMs: 60_000 }).produces();
  });

  it('replaces a header whatever its case, adds one, removes one', () => {
    const setHeaders = [{ name: 'authorization', sealedValue: 'new' }];
    given
      .when({ ...update, setHeaders, removeHeaders: ['x-team'] })
      .produces(updated({ kind: 'http', url: 'https://mcp.example.com/mcp', headers: setHeaders }));
  });

  it('does not carry a secret to another origin', () => {
    const elsewhere = { ...update, url: 'https://evil.example.com/mcp' };
    given.when(elsewhere).isRefused({ code: 'server.headers_bound_to_origin', pointer: '/url' });
    given.when({ ...elsewhere, setHeaders: sealed('Authorization') }).isRefused({ code: 'server.headers_bound_to_origin', pointer: '/url' });
    given.when({ ...update, url: 'http://mcp.example.com/mcp' }).isRefused({ code: 'server.headers_bound_to_origin', pointer: '/url' });
    given.when({ ...elsewhere, removeHeaders: ['Authorization', 'X-Team'] }).produces(updated(http('https://evil.example.com/mcp')));
    given.when({ ...elsewhere, setHeaders: sealed('Authorization', 'X-Team') }).produces(updated(http('https://evil.example.com/mcp', 'Authorization', 'X-Team')));
  });

  it('refuses what registering refuses', () => {
    given.when({ ...update, url: 'nowhere' }).isRefused({ code: 'server.url_invalid', pointer: '/url' });
    given.when({ ...update, timeoutMs: 0 }).isRefused({ code: 'server.timeout_invalid', pointer: '/timeout' });
    given.when({ ...update, setHeaders: sealed('Host') }).isRefused({ code: 'server.header_reserved', pointer: '/setHeaders/0/name' });
    given.when({ ...update, setHeaders: sealed(...Array.from({ length: 31 }, (_, at) => `X-${at}`)) }).isRefused({ code: 'server.headers_too_many', pointer: '/setHeaders' });
  });

  it('cannot remove a header that is not there', () => {
    given.when({ ...update, removeHeaders: ['X-Team', 'X-Other'] }).isRefused({ code: 'server.header_unknown', pointer: '/removeHeaders/1' });
  });

  it('leaves a process to the operator’s file, its time limit aside', () => {
    const process = server.given(registered({ kind: 'stdio' }));
    process.when({ ...update, url: 'https://example.com/' }).isRefused({ code: 'stdio_from_file_only', pointer: '/url' });
    process.when({ ...update, setHeaders: sealed('X-Key') }).isRefused({ code: 'stdio_from_file_only', pointer: '/setHeaders' });
    process.when({ ...update, removeHeaders: ['X-Key'] }).isRefused({ code: 'stdio_from_file_only', pointer: '/removeHeaders' });
    process.when({ ...update, timeoutMs: 5_000 }).produces(updated({ kind: 'stdio' }, 5_000));
  });
});

describe('a server’s tools', () => {
  const tool = (name: string, letter: string) => ({ name, definition: `{"name":"${name}"}`, hash: hash(letter) });
  const listing: ToolListing = {
    eras: ['legacy'],
    protocolVersions: ['2025-11-25'],
    serverInfo: '{"name":"clockify"}',
    tools: [tool('start', 'a'), tool('stop', 'b')],
    rejected: [{ name: 'bad name', reason: 'It has a space in its name.' }],
  };
  const approved: ServerToolsApproved = { type: 'server.tools_approved', version: 1, data: { serverId, ...listing } };
  const changed = (...tools: readonly { name: string; hash: Sha256Hex }[]): DomainFact => ({ type: 'server.tools_changed', version: 1, data: { serverId, tools } });
  const seen = (...tools: readonly (readonly [string, string])[]) => ({ type: 'notice-tools', seen: tools.map(([name, letter]) => ({ name, hash: hash(letter) })) }) as const;

  it('are approved as listed by a person', () => {
    server.given(registered()).when({ type: 'approve-tools', listing }).produces(approved);
  });

  it('are not approved again when nothing differs', () => {
    server.given(registered(), approved).when({ type: 'approve-tools', listing }).produces();
  });

  it('are approved again to end a quarantine, also when they turned back', () => {
    server.given(registered(), approved, changed({ name: 'stop', hash: hash('c') })).when({ type: 'approve-tools', listing }).produces(approved);
  });

  it('stay approved when only their order differs', () => {
    server.given(registered(), approved).when(seen(['stop', 'b'], ['start', 'a'])).produces();
  });

  it('are quarantined when changed, new or gone', () => {
    server
      .given(registered(), approved)
      .when(seen(['stop', 'c'], ['pause', 'd']))
      .produces(changed({ name: 'pause', hash: hash('d') }, { name: 'start', hash: NOT_LISTED }, { name: 'stop', hash: hash('c') }));
  });

  it('are reported once for the same difference', () => {
    const facts = [registered(), approved, changed({ name: 'stop', hash: hash('c') })];
    server.given(...facts).when(seen(['start', 'a'], ['stop', 'c'])).produces();
    server.given(...facts).when(seen(['start', 'a'], ['stop', 'd'])).produces(changed({ name: 'stop', hash: hash('d') }));
  });

  it('stay quarantined when they turn back by themselves', () => {
    const facts = [registered(), approved, changed({ name: 'stop', hash: hash('c') })];
    server.given(...facts).when(seen(['start', 'a'], ['stop', 'b'])).produces();
    expect(facts.reduce(evolveServer, noServer)).toMatchObject({ changed: new Map([['stop', hash('c')]]) });
  });

  it('cannot differ before they were listed', () => {
    server.given(registered()).when(seen(['start', 'a'])).produces();
  });
});

describe('disabling and enabling a server', () => {
  const disabled: DomainFact = { type: 'server.disabled', version: 1, data: { serverId } };

  it('each happen once', () => {
    server.given(registered()).when({ type: 'disable' }).produces(disabled);
    server.given(registered(), disabled).when({ type: 'disable' }).produces();
    server.given(registered(), disabled).when({ type: 'enable' }).produces({ type: 'server.enabled', version: 1, data: { serverId } });
    server.given(registered()).when({ type: 'enable' }).produces();
  });

  it('need a server', () => {
    server.given().when({ type: 'disable' }).isRefused({ code: 'server.unknown', pointer: '/server' });
    server.given().when(update).isRefused({ code: 'server.unknown', pointer: '/server' });
    expect(evolveServer(noServer, disabled)).toBe(noServer);
  });
});
