// A trivial MCP upstream on raw sockets: every call is answered with one result of about 300 bytes to the request id 1.
import { createServer } from 'node:net';

import { MessageCutter } from './raw-http.mjs';

const answerTo = (result) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, result });
  return Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: keep-alive\r\n\r\n${body}`);
};
const called = answerTo({ content: [{ type: 'text', text: 'x'.repeat(220) }], isError: false });
const initialized = answerTo({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'bench', version: '1' } });
const accepted = Buffer.from('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');

const server = createServer({ noDelay: true }, (socket) => {
  const cutter = new MessageCutter((head, bodyBytes, body) => {
    if (bodyBytes === 0) return socket.write(accepted);
    return socket.write(body.includes('"initialize"') ? initialized : called);
  });
  socket.on('data', (chunk) => cutter.push(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
