import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { listingFrom } from './listing-from.js';

const listing = (...tools: readonly string[]) =>
  listingFrom({ eras: ['legacy'], protocolVersions: ['2025-11-25'], serverInfo: '{"name":"x"}', capabilities: '{}', instructions: null, tools });

describe('a listing', () => {
  it('takes over what the server says of itself', () => {
    expect(listing()).toEqual({ eras: ['legacy'], protocolVersions: ['2025-11-25'], serverInfo: '{"name":"x"}', tools: [], rejected: [] });
  });

  it('pins each tool by the SHA-256 of its canonical form', () => {
    const [tool] = listing('{ "name": "a", "inputSchema": {} }').tools;
    expect(tool).toMatchObject({ name: 'a', hash: createHash('sha256').update('{"inputSchema":{},"name":"a"}').digest('hex') });
    expect(listing('{"inputSchema":{},"name":"a"}').tools[0]?.hash).toBe(tool?.hash);
  });

  it('leaves out a tool that readers read differently, and keeps the others', () => {
    const { tools, rejected } = listing('{"name":"a","inputSchema":{}}', '{"name":"b","name":"c","inputSchema":{}}', '{"name":"d","inputSchema":{}}');
    expect(tools.map((tool) => tool.name)).toEqual(['a', 'd']);
    expect(rejected).toEqual([{ name: '(tool 2)', reason: expect.stringContaining('It cannot be read') }]);
  });
});
