// Twenty sinks of which five hang and ignore being stopped: do the other fifteen lose nothing, and how far behind are they?
// In this process, with receivers that are named fakes: what is measured is the engine. Run by `npm run bench:audit`.
import { randomBytes, randomUUID } from 'node:crypto';

import { EXPORT_LIMITS, EVERYTHING, Room, SinkFleet } from '@sallyport/sinks';
import { timerScheduler } from '@sallyport/kernel';

import { inProcessSinkType, InProcessReceiver } from '../../libs/sinks/dist/testing/in-process-sink-type.js';
import { MemoryDeliveryStore } from '../../libs/sinks/dist/testing/memory-delivery-store.js';
import { MemoryEventSource } from '../../libs/sinks/dist/testing/memory-event-source.js';
import { anOutgoingEvent } from '../../libs/sinks/dist/testing/outgoing-events.js';

const SINKS = 20;
const HUNG = 5;
const ORGANISATIONS = 4;
const EVENTS_PER_SECOND = Number(process.env.SINK_EVENTS_PER_SECOND ?? 500);
const SECONDS = Number(process.env.SINK_SECONDS ?? 20);
const ANSWER_MS = 5;

/** Lets the streams flow for a while, and answers what came of it. */
export async function measureSinks() {
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  const source = new MemoryEventSource();
  const store = new MemoryDeliveryStore(clock, append);
  const lagsMs = [];
  let largestRoom = 0;
  const streams = Array.from({ length: ORGANISATIONS }, () => randomUUID());
  const room = new Room({ totalBytes: 128_000_000, organisationBytes: 32_000_000 });
  const newId = () => uuidOf(randomBytes(16));
  const limits = { ...EXPORT_LIMITS, deadlineMs: 2_000, graceMs: 500 };
  const parts = { source, store, clock, room, limits, newId, scheduler: timerScheduler(globalThis), random: Math.random, onFault: (_, fault) => { throw fault; }, network: { connect: async () => ({ ok: false, refusal: { kind: 'unreachable', message: 'none' } }) } };
  const receivers = Array.from({ length: SINKS }, (_, at) => receiver(at < HUNG, lagsMs));
  const fleet = new SinkFleet(parts, 'bench');
  fleet.apply(receivers.map((to, at) => plan(to, at, streams[at % ORGANISATIONS])));

  const ids = new Map(streams.map((stream) => [stream, []]));
  const began = performance.now();
  for (let made = 0; performance.now() - began < SECONDS * 1_000; ) {
    for (const due = ((performance.now() - began) / 1_000) * EVENTS_PER_SECOND; made < due; made += 1) add(streams[made % ORGANISATIONS]);
    largestRoom = Math.max(largestRoom, room.bytes);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const made = [...ids.values()].reduce((sum, of) => sum + of.length, 0);
  await caughtUp();
  const lost = receivers.slice(HUNG).reduce((sum, to, at) => sum + missing(ids.get(streams[(at + HUNG) % ORGANISATIONS]), to.arrivals), 0);
  const disordered = receivers.slice(HUNG).filter((to, at) => ids.get(streams[(at + HUNG) % ORGANISATIONS]).some((id, n) => to.arrivals[n] !== id)).length;
  const closing = performance.now();
  await fleet.close(5_000);
  lagsMs.sort((one, other) => one - other);
  return {
    sinks: SINKS, hung: HUNG, events: made, deliveries: lagsMs.length, lost, disordered,
    p50LagMs: at(0.5), p99LagMs: at(0.99), largestLagMs: at(1),
    largestRoomMB: Math.round(largestRoom / 1e5) / 10,
    attemptsOfHung: receivers.slice(0, HUNG).map((to) => to.attempts),
    closedWithinMs: Math.round(performance.now() - closing),
  };

  function add(stream) {
    const event = anOutgoingEvent(source.next(stream), { stream, atMs: Date.now(), eventId: newId() });
    ids.get(stream).push(event.stored.eventId);
    source.add(stream, [event.stored]);
  }
  function append(stream, facts) {
    for (const fact of facts) source.add(stream, [anOutgoingEvent(source.next(stream), { stream, type: fact.type, eventId: fact.event_id, fact }).stored]);
  }
  async function caughtUp() {
    const until = performance.now() + 10_000;
    const behind = () => receivers.slice(HUNG).some((to, n) => to.arrivals.length < ids.get(streams[(n + HUNG) % ORGANISATIONS]).length);
    while (behind() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  function at(share) {
    return Math.round(lagsMs[Math.min(Math.floor(lagsMs.length * share), lagsMs.length - 1)] ?? 0);
  }
}

function receiver(hangs, lagsMs) {
  const to = new InProcessReceiver();
  to.attempts = 0;
  to.behave(async (batch) => {
    to.attempts += 1;
    if (hangs) return new Promise(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    for (const { event } of batch.events) lagsMs.push(Date.now() - Date.parse(event.time));
    return to.keep(batch);
  });
  return to;
}

function plan(to, at, stream) {
  const configuration = { settings: { name: `sink-${at}` }, credentials: { token: 'none' }, format: 'native', formatVersion: null };
  return { organisationId: stream, sinkId: `sink-${at}`, stream, name: `sink-${at}`, version: 1, enabled: true, startAfter: 0, type: inProcessSinkType(to), configuration, filter: EVERYTHING };
}

function missing(wanted, arrived) {
  const there = new Set(arrived);
  return wanted.filter((id) => !there.has(id)).length;
}

function uuidOf(bytes) {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
