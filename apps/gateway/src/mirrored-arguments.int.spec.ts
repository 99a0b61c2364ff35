import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { modernFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, json, textResult } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const MIRRORING = (name: string) => ({ name, inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, zone: { type: 'integer', 'x-mcp-header': 'Zone' } } } });
const PLAIN = { name: 'plain', inputSchema: { type: 'object', properties: { region: { type: 'string' } } } };

describe('an argument that a tool wants mirrored in a header', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start((seen, response) => json(response, textResult(seen.id, 'done')));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, eras: ['modern'], tools: [MIRRORING('seen'), MIRRORING('unseen'), PLAIN], policy: { version: '1', default: 'deny', tools: { seen: {}, plain: {} } } });
    await grant.organisation.approve(grant.serverId, [MIRRORING('seen'), MIRRORING('unseen'), PLAIN], ['modern'], ['2026-07-28']);
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const call = (name: string, args: object, headers: Readonly<Record<string, string>> = {}) => {
    const frame = modernFrame('tools/call', { name, arguments: args });
    return postFrame(grant, frame.body, { ...frame.headers, ...headers });
  };

  it('passes with its header, by value and decoded, and the header goes on', async () => {
    expect(await call('seen', { region: 'eu', zone: 10 }, { 'mcp-param-region': 'eu', 'mcp-param-zone': '10' })).toMatchObject({ status: 200, message: { result: {} } });
    expect(await call('seen', { region: 'ü' }, { 'mcp-param-region': `=?base64?${Buffer.from('ü').toString('base64')}?=` })).toMatchObject({ status: 200, message: { result: {} } });
    expect(upstream.calls[0]?.headers).toMatchObject({ 'mcp-param-region': 'eu', 'mcp-param-zone': '10' });
  });

  it.each([
    ['says something else', { 'mcp-param-region': 'us' }],
    ['is not there', {}],
  ])('is refused when its header %s: recorded, and nothing goes upstream', async (_what, headers: Readonly<Record<string, string>>) => {
    const answer = await call('seen', { region: 'eu' }, headers);
    expect(answer).toMatchObject({ status: 400, message: { id: 1, error: { code: -32020 } } });
    expect(answer.text).not.toContain('eu"');
    expect(gateway.records).toMatchObject([{ kind: 'decided', effect: 'deny', reasonCode: 'request_malformed', tool: 'seen' }]);
    expect(upstream.calls).toEqual([]);
  });

  it('tells nothing of a tool that the policy does not show', async () => {
    expect(await call('unseen', { region: 'eu' })).toMatchObject({ status: 200, message: { result: { isError: true } } });
    expect(gateway.records).toMatchObject([{ effect: 'deny', reasonCode: 'default_deny' }]);
  });

  it('is none where the tool does not say so, whatever header is sent', async () => {
    expect(await call('plain', { region: 'eu' }, { 'mcp-param-region': 'us' })).toMatchObject({ status: 200, message: { result: {} } });
  });
});
