import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { canonicalJson } from '@sallyport/kernel';
import type { ExportFormat, OutgoingEvent } from '@sallyport/sinks';

import { eventsToParquet } from '../parquet/events-to-parquet.js';
import type { HourRun } from './hour-runs.js';

/** One object as it is stored. The same events in the same format give the same key and the same bytes. */
export interface ExportObject {
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string;
}

/** How objects are made. */
export interface ObjectForm {
  /** Before every key; empty, or ends in `/`. */
  readonly prefix: string;
  readonly format: ExportFormat;
  readonly formatVersion: string | null;
  /** One event as a line, for every format but `parquet`. */
  readonly render: (event: OutgoingEvent) => string;
}

/** The events of one hour, and the manifest that says what they are. */
export interface ExportPair {
  readonly events: ExportObject;
  readonly manifest: ExportObject;
}

/** @param checkpoint The newest signed head of the stream, a C2SP note, which the manifest carries. */
export function exportPair(run: HourRun, form: ObjectForm, checkpoint: string | null): ExportPair {
  const body = form.format === 'parquet' ? eventsToParquet(run.events) : zipped(run.events.map((event) => `${form.render(event)}\n`).join(''));
  const [end, contentType] = form.format === 'parquet' ? ['parquet', 'application/vnd.apache.parquet'] : ['ndjson.gz', 'application/gzip'];
  const events = { key: `${baseOf(run, form)}.${end}`, body, contentType };
  const manifest = { key: `${events.key}.manifest.json`, body: Buffer.from(manifestOf(run, { events, form, checkpoint })), contentType: 'application/json' };
  return { events, manifest };
}

/** `prefix/organisation/dt=YYYY-MM-DD/hour=HH/<first seq>-<last seq>-<digest>`: numbers have sixteen digits, so that keys sort by them. */
function baseOf(run: HourRun, { prefix, format, formatVersion }: ObjectForm): string {
  const first = run.events[0]?.stored;
  const digest = sha256(`${format} ${formatVersion ?? ''}\n${contentOf(run)}`).slice(0, DIGEST_DIGITS);
  const seqs = [first, run.events.at(-1)?.stored].map((stored) => String(stored?.seq ?? 0).padStart(16, '0'));
  return `${prefix}${first?.stream ?? ''}/dt=${run.day}/hour=${run.hour}/${seqs.join('-')}-${digest}`;
}

interface Described {
  readonly events: ExportObject;
  readonly form: ObjectForm;
  readonly checkpoint: string | null;
}

function manifestOf(run: HourRun, { events, form, checkpoint }: Described): string {
  const [first, last] = [run.events[0], run.events.at(-1)];
  return canonicalJson({
    schema: 'sallyport.export-manifest/1',
    object: events.key,
    object_bytes: events.body.byteLength,
    object_sha256: sha256(events.body),
    format: form.format,
    format_version: form.formatVersion ?? undefined,
    stream: first?.stored.stream,
    events: run.events.length,
    first_seq: first?.stored.seq,
    last_seq: last?.stored.seq,
    first_prev_hash: first?.event.integrity.prev_hash,
    last_hash: last?.stored.hash,
    content_sha256: sha256(contentOf(run)),
    checkpoint,
  });
}

/** The canonical lines, whatever the object's format is: a reader of any format can compute it from the events. */
function contentOf(run: HourRun): string {
  return run.events.map(({ stored }) => `${stored.line}\n`).join('');
}

function sha256(of: string | Uint8Array): string {
  return createHash('sha256').update(of).digest('hex');
}

/** Without the time and the system that gzip would note: the same text gives the same bytes. */
function zipped(text: string): Buffer {
  const bytes = gzipSync(text, { level: 6 });
  bytes.fill(0, GZIP_TIME, GZIP_TIME + 4);
  bytes[GZIP_SYSTEM] = GZIP_UNKNOWN_SYSTEM;
  return bytes;
}

const DIGEST_DIGITS = 16;
const GZIP_TIME = 4;
const GZIP_SYSTEM = 9;
const GZIP_UNKNOWN_SYSTEM = 255;
