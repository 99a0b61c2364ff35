// Whether memory stays flat: over a million calls, and over ten thousand sessions opened and dropped.
import { callJob } from './jobs.mjs';

const WARM_CALLS = 100_000;
const CALLS = 1_000_000;
const SESSIONS = 10_000;

/** Heap after a collection, before and after; bytes per call and per session. */
export async function measureMemory(target, load, say) {
  const heap = async () => Math.min((await target.ask('collect')).heap, (await target.ask('collect')).heap);
  await load.ask({ ...callJob(target), connections: 64, calls: WARM_CALLS });
  const before = await heap();
  say(`memory: ${CALLS} calls`);
  const calls = await load.ask({ ...callJob(target), connections: 64, calls: CALLS });
  const between = await heap();
  say(`memory: ${SESSIONS} sessions`);
  const warm = await openAndDrop(target, load, SESSIONS / 10);
  const warmed = await heap();
  const sessions = await openAndDrop(target, load, SESSIONS);
  const after = await heap();
  return {
    calls: calls.calls,
    failures: calls.failures + warm + sessions,
    growthBytesPerCall: (between - before) / calls.calls,
    growthBytesPerSession: (after - warmed) / SESSIONS,
    heapMiB: after / 2 ** 20,
  };
}

/** Sessions opened by `initialize` and ended by DELETE, a few at a time. */
async function openAndDrop(target, _load, count) {
  const url = `http://127.0.0.1:${target.port}/mcp/bench`;
  const headers = { authorization: `Bearer ${target.token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  let failures = 0;
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const opened = await fetch(url, { method: 'POST', headers, body });
      await opened.text();
      const session = opened.headers.get('mcp-session-id');
      if (session === null) failures += 1;
      else await (await fetch(url, { method: 'DELETE', headers: { ...headers, 'mcp-session-id': session } })).text();
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
  return failures;
}
