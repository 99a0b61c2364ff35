import { describe, expect, it } from 'vitest';

import { restrictCapabilities } from './restrict-capabilities.js';

const result = {
  protocolVersion: '2025-11-25',
  capabilities: {
    tools: { vendor: 1 },
    prompts: { listChanged: true },
    resources: {},
    completions: {},
    tasks: {},
    logging: {},
    experimental: { x: {} },
    unknown: 7,
    extensions: { 'io.modelcontextprotocol/ui': {}, 'io.modelcontextprotocol/tasks': {} },
  },
  serverInfo: { name: 's' },
};

describe('restrictCapabilities', () => {
  it('leaves out what a closed policy answers with method not found', () => {
    expect(restrictCapabilities(result, { allowOthers: false })).toEqual({
      ...result,
      capabilities: {
        tools: { vendor: 1, listChanged: true },
        logging: {},
        experimental: { x: {} },
        unknown: 7,
        extensions: { 'io.modelcontextprotocol/ui': {} },
      },
    });
  });

  it('keeps all of it where the policy is open', () => {
    const shown = restrictCapabilities(result, { allowOthers: true });
    expect(shown).toEqual({ ...result, capabilities: { ...result.capabilities, tools: { vendor: 1, listChanged: true } } });
  });

  it('leaves out tasks alone, as a capability and as an extension, where only they are closed', () => {
    const { tasks: _closed, ...others } = result.capabilities;
    const capabilities = { ...others, tools: { vendor: 1, listChanged: true }, extensions: { 'io.modelcontextprotocol/ui': {} } };
    expect(restrictCapabilities(result, { allowOthers: true, allowTasks: false })).toEqual({ ...result, capabilities });
  });

  it('invents no tools for a server that has none', () => {
    expect(restrictCapabilities({ capabilities: {} }, { allowOthers: false })).toEqual({ capabilities: {} });
  });

  it('offers only the versions both sides serve, and no shared cache', () => {
    const discover = { supportedVersions: ['2027-01-01', '2026-07-28'], cacheScope: 'public', ttlMs: 1, capabilities: {} };
    expect(restrictCapabilities(discover, { allowOthers: true, served: ['2026-07-28', '2025-06-18'] })).toEqual({
      ...discover,
      supportedVersions: ['2026-07-28'],
      cacheScope: 'private',
    });
  });
});
