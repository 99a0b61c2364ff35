// The bare relay everything is compared with: node:http in, undici Pool.dispatch out, nothing else.
import { createServer } from 'node:http';

import { Pool } from 'undici';

const pool = new Pool(process.argv[2], { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    pool.dispatch(
      { path: '/mcp', method: 'POST', headers: ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'], body },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode, headers) {
          response.writeHead(statusCode, { 'content-type': headers['content-type'], 'content-length': headers['content-length'] });
        },
        onResponseData(_controller, chunk) {
          response.write(chunk);
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError() {
          response.destroy();
        },
      },
    );
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit(0));
