// A closed-loop load generator on raw keep-alive sockets. Each connection sends its next request when the last is answered.
import { connect } from 'node:net';

import { MessageCutter } from './raw-http.mjs';

process.on('message', async (job) => process.send(await run(job)));
process.on('disconnect', () => process.exit(0));

/** @param job { port, path, headers: string[], body, connections, seconds?, calls? } */
async function run(job) {
  const head = [`POST ${job.path} HTTP/1.1`, `host: 127.0.0.1:${job.port}`, ...job.headers, `content-length: ${Buffer.byteLength(job.body)}`].join('\r\n');
  const request = Buffer.from(`${head}\r\n\r\n${job.body}`);
  const latenciesUs = [];
  const counts = { calls: 0, failures: 0 };
  const began = process.hrtime.bigint();
  const until = began + BigInt(Math.round((job.seconds ?? 3_600) * 1e9));
  const most = job.calls ?? Infinity;
  let started = 0;
  const mayGoOn = () => started < most && process.hrtime.bigint() < until;
  await Promise.all(
    Array.from({ length: job.connections }, () =>
      new Promise((resolve) => {
        const socket = connect({ port: job.port, host: '127.0.0.1', noDelay: true });
        let sentAt = 0n;
        const send = () => {
          if (!mayGoOn()) return socket.end(resolve);
          started += 1;
          sentAt = process.hrtime.bigint();
          socket.write(request);
        };
        const cutter = new MessageCutter((answerHead, bodyBytes) => {
          counts.calls += 1;
          if (!answerHead.startsWith('HTTP/1.1 200') || bodyBytes < (job.leastBytes ?? 1)) counts.failures += 1;
          if (latenciesUs.length < 200_000) latenciesUs.push(Number(process.hrtime.bigint() - sentAt) / 1_000);
          send();
        });
        socket.on('connect', send).on('data', (chunk) => cutter.push(chunk)).on('error', () => {
          counts.failures += 1;
          resolve();
        });
      }),
    ),
  );
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  latenciesUs.sort((a, b) => a - b);
  const at = (share) => latenciesUs[Math.min(latenciesUs.length - 1, Math.floor(latenciesUs.length * share))] ?? 0;
  return { ...counts, seconds, rate: counts.calls / seconds, p50Us: at(0.5), p99Us: at(0.99) };
}
