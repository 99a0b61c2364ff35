import type { ProtocolEra } from '@sallyport/domain-events';

import type { RpcId } from './frame.js';

/** A `tools/list` answer built once for many requests: only the id is missing between the two parts. */
export interface RenderedToolList {
  readonly prefix: Buffer;
  readonly suffix: Buffer;
}

/**
 * Builds the answer to `tools/list`, one page with every tool.
 *
 * In the modern era it says `cacheScope: "private"`, whatever the upstream said: the list depends on who asks.
 *
 * @param definitions JSON texts of tool definitions, as `admitTools` gives them, in the order to be shown.
 * @param ttlMs How long a modern client may keep the list, milliseconds; 0 by default, because a policy may change at any time.
 */
export function renderToolList(list: {
  readonly definitions: readonly string[];
  readonly era: ProtocolEra;
  readonly ttlMs?: number;
}): RenderedToolList {
  const cache = list.era === 'modern' ? `"resultType":"complete","ttlMs":${list.ttlMs ?? 0},"cacheScope":"private",` : '';
  return {
    prefix: Buffer.from('{"jsonrpc":"2.0","id":'),
    suffix: Buffer.from(`,"result":{${cache}"tools":[${list.definitions.join(',')}]}}`),
  };
}

/** The body for one request: a copy of bytes, no serialising. */
export function toolListBody(list: RenderedToolList, id: RpcId): Buffer {
  return Buffer.concat([list.prefix, Buffer.from(id), list.suffix]);
}
