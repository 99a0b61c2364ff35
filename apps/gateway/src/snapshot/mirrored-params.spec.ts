import type { ListedTool } from '@sallyport/domain-events';
import { branded, type Sha256Hex } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { mirroredParams } from './mirrored-params.js';

const tool = (name: string, region: string): ListedTool => ({ name, definition: `{"name":"${name}","inputSchema":{"type":"object","properties":{"region":${region}}}}`, hash: branded<Sha256Hex>('0'.repeat(64)) });

describe('which tools want arguments mirrored', () => {
  it('is read from their definitions once, however the declaration is written', () => {
    const found = mirroredParams([tool('plain', '{"type":"string"}'), tool('wants', '{"type":"string","x-mcp-header":"Region"}'), tool('escaped', String.raw`{"type":"string","\u0078-mcp-header":"Region"}`)]);
    expect([...found]).toEqual([['wants', [{ header: 'Region', path: ['region'] }]], ['escaped', [{ header: 'Region', path: ['region'] }]]]);
  });

  it('leaves out a tool whose declaration is invalid, because no client sends its headers', () => {
    expect(mirroredParams([tool('bad', '{"type":"number","x-mcp-header":"Region"}')]).size).toBe(0);
  });
});
