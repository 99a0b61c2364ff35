import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FRAME_LIMITS } from './frame.js';
import { MetaMemory } from './meta-memory.js';
import { scanFrame } from './scan-frame.js';

const ABOUT = '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}';
const NAMED = `{${ABOUT},"io.modelcontextprotocol/clientInfo":{"name":"agent","version":"1"}}`;
/** Alike at their beginnings, right and wrong, named and not, of every type. */
const METAS = [
  NAMED,
  NAMED.replace('agent', 'other'),
  NAMED.replace('"agent"', '7'),
  NAMED.replace('"version"', '"name"'),
  `{${ABOUT}}`,
  `{${ABOUT},"progressToken":1}`,
  `{${ABOUT},"progressToken":2}`,
  `{ ${ABOUT} }`,
  `{${ABOUT},"a":{"b":{"c":[1,{"d":2}]}}}`,
  `{${ABOUT},"a":1,"a":1}`,
  `{${ABOUT},"__proto__":1}`,
  `{${ABOUT}`,
  '{}',
  '[]',
  'null',
];

const around = fc.constantFrom<(meta: string) => string>(
  (meta) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"n":1},"_meta":${meta}}}`,
  (meta) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":${meta},"name":"t","clientInfo":{"name":"params"},"arguments":{}}}`,
  (meta) => `{"jsonrpc":"2.0","method":"notifications/x","params":{"clientInfo":{"name":"params"},"_meta": ${meta} }}`,
  (meta) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":${meta},"_meta":${meta}}}`,
  (meta) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"_meta":${meta}}}}`,
  (meta) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":${meta}`,
);

describe('what a sender said of itself in its last message', () => {
  it('never changes what a message is read as, whatever came before it', () => {
    const message = fc.tuple(fc.constantFrom(...METAS), around).map(([meta, put]) => Buffer.from(put(meta)));
    const limits = fc.constantFrom(FRAME_LIMITS, { ...FRAME_LIMITS, keys: 11 }, { ...FRAME_LIMITS, keys: 8 }, { ...FRAME_LIMITS, depth: 5 });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), limits, (messages, bounds) => {
        const memory = new MetaMemory();
        for (const body of messages) expect(scanFrame(body, bounds, memory)).toEqual(scanFrame(body, bounds));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is recalled where the very same bytes stand, and nowhere else', () => {
    const memory = new MetaMemory();
    const read = (meta: string): boolean => scanFrame(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":${meta}}}`), FRAME_LIMITS, memory).ok;
    expect(memory.recall(Buffer.from(NAMED), 0)).toBeUndefined();
    expect(read(NAMED)).toBe(true);
    expect(memory.recall(Buffer.from(`xx${NAMED}yy`), 2)).toMatchObject({ namesClient: true, keys: 5, meta: { clientName: 'agent', protocolVersion: '2026-07-28' } });
    expect([0, 1, 3].map((at) => memory.recall(Buffer.from(`xx${NAMED}yy`), at))).toEqual([undefined, undefined, undefined]);
    expect(memory.recall(Buffer.from(NAMED.slice(0, -1)), 0)).toBeUndefined();
  });

  it('is not what was refused, nor what changes with every message, nor what is large', () => {
    const memory = new MetaMemory();
    for (const meta of [`{${ABOUT},"progressToken":1}`, `{${ABOUT},"a":1,"a":1}`, `{${ABOUT},"a":"${'x'.repeat(1_024)}"}`]) {
      scanFrame(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":${meta}}}`), FRAME_LIMITS, memory);
      expect(memory.bytes).toBe(0);
    }
  });
});
