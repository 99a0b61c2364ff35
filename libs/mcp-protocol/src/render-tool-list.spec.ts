import { describe, expect, it } from 'vitest';

import type { RpcId } from './frame.js';
import { renderToolList, toolListBody } from './render-tool-list.js';

const definitions = ['{"name":"a","n":1.0}', '{"name":"b"}'];

describe('renderToolList', () => {
  it('puts definitions and id into the answer as they were written', () => {
    const list = renderToolList({ definitions, era: 'legacy' });
    expect(toolListBody(list, '9007199254740993' as RpcId).toString()).toBe(
      '{"jsonrpc":"2.0","id":9007199254740993,"result":{"tools":[{"name":"a","n":1.0},{"name":"b"}]}}',
    );
  });

  it('is private and complete in the modern era', () => {
    const body = toolListBody(renderToolList({ definitions: [], era: 'modern', ttlMs: 5_000 }), '"x"' as RpcId);
    expect(JSON.parse(body.toString())).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: { resultType: 'complete', ttlMs: 5_000, cacheScope: 'private', tools: [] },
    });
  });
});
