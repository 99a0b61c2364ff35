import { isJsonObject, type JsonObject } from '@sallyport/kernel';

import { readCanonicalLine } from './canonical-line.js';
import { hexOf } from './hex.js';
import type { ReadEvent } from './read-event.js';
import { scanEventLine } from './scan-event-line.js';
import { utf8 } from './text-bytes.js';
import type { Sha256 } from './tree-hash.js';

/** Why a line is no event as it was written. */
export type EventLineProblem = 'not_canonical' | 'not_an_event' | 'hash_does_not_match';

/** What a line turned out to be. */
export type ReadLine =
  | { readonly kind: 'event'; readonly event: ReadEvent }
  | { readonly kind: 'trailer'; readonly trailer: JsonObject }
  | { readonly kind: 'problem'; readonly problem: EventLineProblem };

const LEAF = Uint8Array.of(0);
const HASH = /^[0-9a-f]{64}$/;
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const BEFORE_HASH = '"integrity":{"alg":"sha-256","canon":"rfc8785",';
const HASH_MEMBER_LENGTH = '"hash":"",'.length + 64;

/** Reads one line of an export, and checks that it is its own RFC 8785 text and that an event has the hash that it says. Total. */
export function readLine(bytes: Uint8Array, sha256: Sha256): ReadLine {
  const event = scanEventLine(bytes, sha256);
  return event === undefined ? readLineByParsing(bytes, sha256) : { kind: 'event', event };
}

/** What `readLine` answers, by way of the object: for trailers, for what is wrong, and for forms that are rare. */
export function readLineByParsing(bytes: Uint8Array, sha256: Sha256): ReadLine {
  const line = readCanonicalLine(bytes);
  if (line === undefined) return { kind: 'problem', problem: 'not_canonical' };
  if (line.value['sallyport_export'] !== undefined) return { kind: 'trailer', trailer: line.value };
  const claimed = claimedEvent(line.value);
  if (claimed === undefined) return { kind: 'problem', problem: 'not_an_event' };
  const leaf = leafOf(bytes, line.text, line.value, sha256);
  return hexOf(leaf) === claimed.hash ? { kind: 'event', event: { ...claimed, leaf } } : { kind: 'problem', problem: 'hash_does_not_match' };
}

/** SHA-256 over `0x00` and the line without `integrity.hash`: the line is canonical, so leaving the member out leaves a canonical text. */
function leafOf(bytes: Uint8Array, text: string, value: JsonObject, sha256: Sha256): Uint8Array {
  const at = hashMemberAt(text, value);
  const from = text.length === bytes.length ? at : utf8(text.slice(0, at)).length;
  return sha256(LEAF, bytes.subarray(0, from), bytes.subarray(from + HASH_MEMBER_LENGTH));
}

/** Where `"hash":"…",` stands in the event's own `integrity`; a value within the event may hold members that look the same. */
function hashMemberAt(text: string, value: JsonObject): number {
  const first = text.indexOf(BEFORE_HASH);
  if (first === text.lastIndexOf(BEFORE_HASH)) return first + BEFORE_HASH.length;
  const before = Object.entries(value).filter(([key]) => key < 'integrity');
  const length = before.reduce((total, [key, member]) => total + JSON.stringify(key).length + JSON.stringify(member).length + 2, 1);
  return length + BEFORE_HASH.length;
}

function claimedEvent(value: JsonObject): Omit<ReadEvent, 'leaf'> | undefined {
  const { stream, seq, event_id: eventId, type, time, observed_time: observedTime, integrity } = value;
  if (typeof stream !== 'string' || typeof eventId !== 'string' || typeof type !== 'string' || !isCount(seq)) return undefined;
  if (!isTime(time) || !isTime(observedTime) || !isJsonObject(integrity)) return undefined;
  const { alg, canon, hash, key_epoch: keyEpoch, prev_hash: prevHash } = integrity;
  if (alg !== 'sha-256' || canon !== 'rfc8785' || !isHash(hash) || !isHash(prevHash) || !isCount(keyEpoch) || Object.keys(integrity).length !== 5) return undefined;
  return { stream, seq, eventId, type, time, observedTime, keyEpoch, prevHash, hash, ...checkpointOf(value), ...announcedBy(value) };
}

function checkpointOf({ type, checkpoint }: JsonObject): Pick<ReadEvent, 'checkpoint'> {
  if (type !== 'audit.checkpoint' || !isJsonObject(checkpoint)) return {};
  const { size, root } = checkpoint;
  return isCount(size) && typeof root === 'string' ? { checkpoint: { size, root } } : {};
}

function announcedBy({ type, key }: JsonObject): Pick<ReadEvent, 'announced'> {
  if (type !== 'audit.key_announced' || !isJsonObject(key)) return {};
  const { key_epoch: keyEpoch, note } = key;
  return isCount(keyEpoch) && typeof note === 'string' ? { announced: { keyEpoch, note } } : {};
}

/** Whether a value is a whole number from 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === 'number' && value >= 1;
}

/** Whether a value is a hash in 64 lower-case hexadecimal digits. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && MICRO_TIME.test(value);
}
