// The requests that the load generator repeats.
const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}, 'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' } };

function headersFor(target, method, name) {
  const mirrored = [`mcp-protocol-version: 2026-07-28`, `mcp-method: ${method}`, ...(name === undefined ? [] : [`mcp-name: ${name}`])];
  const credential = target.token === undefined ? [] : [`authorization: Bearer ${target.token}`];
  return ['content-type: application/json', 'accept: application/json, text/event-stream', ...mirrored, ...credential];
}

/** One `tools/call` with a few arguments, stateless, to the target or to the upstream behind it. */
export function callJob(target) {
  const name = target.tool ?? 'bench_tool';
  const params = { name, arguments: { amount: 12.5, account: 'acct-42', note: 'monthly invoice' }, _meta: META };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  return { port: target.port, path: target.token === undefined ? '/mcp' : '/mcp/bench', headers: headersFor(target, 'tools/call', name), body, leastBytes: 290 };
}

/** One `tools/list`. */
export function listJob(target) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META } });
  return { port: target.port, path: '/mcp/bench', headers: headersFor(target, 'tools/list'), body, leastBytes: 10_000 };
}
