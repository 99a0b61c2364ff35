/** Microseconds of what each call pays beside the scan. Build first; run with `node libs/mcp-protocol/bench/relay.bench.mjs`. */
import { SseSplitter, classifyFrame, readHeaders, readResponse, scanFrame } from '../dist/index.js';

const RAW_HEADERS = [
  ...['Host', 'localhost:7400', 'Authorization', 'Bearer sp_agt_0123456789', 'Content-Type', 'application/json'],
  ...['Accept', 'application/json, text/event-stream', 'MCP-Protocol-Version', '2025-06-18', 'Mcp-Session-Id', '0123456789abcdef'],
  ...['Content-Length', '200', 'Connection', 'keep-alive', 'User-Agent', 'bench'],
];

function responseOf(textBytes) {
  const content = [{ type: 'text', text: 'x'.repeat(textBytes) }];
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 7, result: { content, isError: false } }));
}

function microsecondsOf(run, rounds) {
  for (let index = 0; index < rounds; index += 1) run();
  let best = Infinity;
  for (let round = 0; round < 3; round += 1) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < rounds; index += 1) run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1_000 / rounds);
  }
  return Number(best.toFixed(2));
}

const headers = readHeaders(RAW_HEADERS);
const frame = scanFrame(Buffer.from('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{}}}'));
if (!headers.ok || !frame.ok) throw new Error('the bench inputs must be clean');
const small = responseOf(230);
const large = responseOf(8_000_000);
const event = Buffer.from(`event: message\ndata: ${small}\n\n`);

console.table({
  'read 9 headers': microsecondsOf(() => readHeaders(RAW_HEADERS), 50_000),
  'classify a call': microsecondsOf(() => classifyFrame(frame.value, headers.value), 50_000),
  'check a response of 300 B': microsecondsOf(() => readResponse('7', small), 50_000),
  'check a response of 8 MB': microsecondsOf(() => readResponse('7', large), 20),
  'split an event of 300 B': microsecondsOf(() => new SseSplitter(1_000_000).push(event), 50_000),
});
