// A webhook receiver in a process of its own: answers the challenge, has each batch on its disk before it answers, and says how long calls took to get there.
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-receiver-'));
const file = openSync(join(folder, 'events.ndjson'), constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC, 0o600);
const lagsMs = [];

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (body.includes('"sallyport.challenge"')) return void response.end(JSON.stringify({ challenge: JSON.parse(body.toString()).challenge }));
  writeSync(file, body);
  const nowMs = Date.now();
  for (const line of body.toString().split('\n').filter((text) => text.includes('"type":"call.decided"'))) lagsMs.push(nowMs - Date.parse(JSON.parse(line).time));
  response.end();
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ lagsMs }));
process.on('disconnect', () => {
  closeSync(file);
  rmSync(folder, { recursive: true });
  process.exit(0);
});
