/** Microseconds one scan takes, beside a bare JSON.parse of the same body. Build first; run with `node libs/mcp-protocol/bench/scan.bench.mjs`. */
import { scanFrame } from '../dist/index.js';

const TARGET_BYTES = { '200 B': 0, '500 B, modern': 0, '2 kB': 2_000, '100 kB': 100_000, '1 MB': 1_000_000 };
const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, roots: {} },
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0', title: 'Bench client' },
  progressToken: 17,
};

function bodyOf(name, bytes) {
  const args = { projectId: 'p-1042', amount: 99.5, note: 'Quarterly report', tags: ['a', 'b'], dryRun: false };
  const params = { name: 'create_time_entry', arguments: args };
  if (name.includes('modern')) params._meta = MODERN_META;
  for (let index = 0; JSON.stringify(params).length < bytes; index += 1) {
    const text = 'Some line of text that a note may hold. '.repeat(bytes > 50_000 ? 20 : 1);
    (args.rows ??= []).push({ id: index, text, done: index % 2 === 0, rate: index / 8 });
    if (args.rows.length % 20 === 0 && bytes > 50_000) args[`more${index}`] = text.repeat(5);
  }
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params }));
}

function microsecondsOf(run, body) {
  const rounds = Math.max(20, Math.min(40_000, Math.round(40_000_000 / body.length)));
  for (let index = 0; index < rounds / 2; index += 1) run(body);
  let best = Infinity;
  for (let round = 0; round < 3; round += 1) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < rounds; index += 1) run(body);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1_000 / rounds);
  }
  return best;
}

const rows = Object.entries(TARGET_BYTES).map(([name, bytes]) => {
  const body = bodyOf(name, bytes);
  const scanned = scanFrame(body);
  if (!scanned.ok) throw new Error(`${name}: ${scanned.refusal.message}`);
  return {
    body: name,
    bytes: body.length,
    scanMicroseconds: Number(microsecondsOf((input) => scanFrame(input), body).toFixed(2)),
    jsonParseMicroseconds: Number(microsecondsOf((input) => JSON.parse(input.toString()), body).toFixed(2)),
  };
});
console.table(rows);
