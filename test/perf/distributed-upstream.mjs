// A small MCP upstream on raw sockets that can be registered: it lists one tool, `bench_tool`, and answers every call of it.
import { createServer } from 'node:net';

import { MessageCutter } from './raw-http.mjs';

const TOOL = { name: 'bench_tool', description: 'Does nothing.', inputSchema: { type: 'object' } };
const RESULTS = {
  'initialize': { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'bench', version: '1' } },
  'tools/list': { tools: [TOOL] },
  'tools/call': { content: [{ type: 'text', text: 'x'.repeat(220) }], isError: false },
};
const ACCEPTED = 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n';
let calls = 0;

function answerTo(body) {
  const { id, method } = JSON.parse(body);
  if (id === undefined) return ACCEPTED;
  if (method === 'tools/call') calls += 1;
  const result = RESULTS[method];
  const outcome = result === undefined ? { error: { code: -32_601, message: 'no such method' } } : { result };
  const text = JSON.stringify({ jsonrpc: '2.0', id, ...outcome });
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

const server = createServer({ noDelay: true }, (socket) => {
  const cutter = new MessageCutter((head, bodyBytes, body) => {
    socket.write(bodyBytes === 0 ? 'HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n' : answerTo(body.toString()));
  });
  socket.on('data', (chunk) => cutter.push(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ calls }));
process.on('disconnect', () => process.exit(0));
