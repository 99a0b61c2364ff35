// Calls at workers on raw keep-alive sockets, paced from outside or all at once, and how each ended. One job a message:
// { targets: [{ port, headers, path, body }], connections: of each target, rate: calls a second of all, seconds } or { …, calls: at once }
import { connect } from 'node:net';

import { MessageCutter } from './raw-http.mjs';

const TICK_MS = 10;
const REASON = /"reasonCode":"([a-z_.]+)"/;

process.on('message', async (job) => process.send(await run(job)));
process.on('disconnect', () => process.exit(0));
process.send({});

function verdictOf(head, body) {
  const status = head.slice(9, 12);
  if (status !== '200') return status;
  return REASON.exec(body.toString())?.[1] ?? (body.includes('"error":') ? 'error' : 'allowed');
}

/** Connections of one target that share a number of calls still to be made. */
class Lane {
  constructor(target, tell) {
    this.tell = tell;
    this.port = target.port;
    const head = [`POST ${target.path} HTTP/1.1`, `host: 127.0.0.1:${target.port}`, ...target.headers, `content-length: ${Buffer.byteLength(target.body)}`].join('\r\n');
    this.request = Buffer.from(`${head}\r\n\r\n${target.body}`);
    this.due = 0;
    this.idle = [];
    this.sockets = new Set();
  }

  open(count) {
    return Promise.all(Array.from({ length: count }, () => this.openOne()));
  }

  openOne() {
    return new Promise((resolve) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
      let sentMs = null;
      const send = () => {
        sentMs = performance.now();
        this.due -= 1;
        socket.write(this.request);
      };
      const rest = () => (this.due > 0 ? send() : this.idle.push(send));
      const cutter = new MessageCutter((head, _bytes, body) => {
        this.tell(verdictOf(head, body), performance.now() - sentMs);
        sentMs = null;
        rest();
      });
      socket.on('connect', () => {
        this.sockets.add(socket);
        rest();
        resolve();
      });
      socket.on('data', (chunk) => cutter.push(chunk)).on('error', () => resolve()).on('close', () => {
        this.sockets.delete(socket);
        this.idle = this.idle.filter((one) => one !== send);
        if (sentMs !== null) this.tell('broken', performance.now() - sentMs);
        if (this.sockets.size === 0) this.giveUp();
      });
    });
  }

  ask(count) {
    this.due += count;
    while (this.due > 0 && this.idle.length > 0) this.idle.pop()();
    if (this.sockets.size === 0) this.giveUp();
  }

  /** Nobody is there any more: what is still due ends as broken. */
  giveUp() {
    for (; this.due > 0; this.due -= 1) this.tell('broken', 0);
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
  }
}

async function run({ targets, connections, rate, seconds, calls }) {
  const verdicts = {};
  const latencies = [];
  let answered = 0;
  const waiting = {};
  const tell = (verdict, ms) => {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    latencies.push(ms);
    answered += 1;
    if (answered === waiting.for) waiting.resolve();
  };
  const lanes = targets.map((target) => new Lane(target, tell));
  await Promise.all(lanes.map((lane) => lane.open(connections)));
  const beganMs = performance.now();
  const asked = calls === undefined ? await paced(lanes, rate, seconds) : atOnce(lanes, calls);
  const askedMs = performance.now() - beganMs;
  if (answered < asked) await new Promise((resolve) => Object.assign(waiting, { for: asked, resolve }));
  const elapsedMs = performance.now() - beganMs;
  for (const lane of lanes) lane.close();
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { asked, verdicts, rate: asked / (askedMs / 1_000), lateMs: elapsedMs - askedMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function atOnce(lanes, calls) {
  lanes.forEach((lane) => lane.ask(calls / lanes.length));
  return calls;
}

/** Asks for calls by the clock, however soon they are answered. */
function paced(lanes, rate, seconds) {
  const most = rate * seconds;
  const beganMs = performance.now();
  let asked = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(most, Math.floor(((performance.now() - beganMs) * rate) / 1_000));
      for (; asked < due; asked += 1) lanes[asked % lanes.length].ask(1);
      if (asked < most) return;
      clearInterval(timer);
      resolve(asked);
    }, TICK_MS);
  });
}
