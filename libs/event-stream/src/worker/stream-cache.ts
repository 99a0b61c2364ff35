import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

import { TOPIC } from '@sallyport/broker';
import { Fault, isFault } from '@sallyport/kernel';

import type { WholeRecord } from './record-gate.js';
import { streamFault } from './stream-faults.js';

const MAGIC = Buffer.from('sallyport stream cache 1\n');
const TOPICS = [TOPIC.snapshots, TOPIC.events] as const;
const WRITE_BYTES = 1024 * 1024;
const READ_BYTES = 256 * 1024;
const MAX_RECORD_BYTES = 256 * 1024 * 1024;
/** Topic, length of the key, length of the value. */
const FRAME_BYTES = 7;

/**
 * A worker's own copy of what it was told, for a start without the broker: the records themselves, signatures and all, in the order
 * in which they were taken. So nothing in it has to be believed: whoever reads it passes each record through the gate again.
 *
 * A new copy is written beside the old one and takes its place whole; then records are added to it. A torn end or damage ends the
 * reading there.
 */
export class StreamCache {
  private file: number | undefined;
  /** Frames not handed over yet, at the beginning of one block that is used again and again. */
  private readonly block = Buffer.allocUnsafeSlow(WRITE_BYTES);
  private filled = 0;
  private written = 0;

  /** @param path The file; its folder exists. */
  constructor(private readonly path: string) {}

  /** Bytes added since the copy took its place. */
  get tailBytes(): number {
    return this.written + this.filled;
  }

  /** Begins a new copy. Until `commit` the one before stays. */
  begin(): void {
    this.close();
    this.file = openSync(this.unfinished, 'w', 0o600);
    this.filled = MAGIC.copy(this.block);
  }

  /** Goes on adding to the copy that is there; it was read to its end. */
  resume(): void {
    this.close();
    this.file = openSync(this.path, 'a', 0o600);
    this.written = 0;
  }

  /** Adds a record; nothing where no copy was begun. @throws what the file system says, e.g. that the disk is full. */
  add(record: WholeRecord): void {
    if (this.file === undefined) return;
    const head = frameHead(record);
    if (this.filled + head.length + record.value.length > WRITE_BYTES) this.flush();
    if (head.length + record.value.length > WRITE_BYTES) return this.write(Buffer.concat([head, record.value]));
    this.filled += head.copy(this.block, this.filled);
    this.block.set(record.value, this.filled);
    this.filled += record.value.length;
  }

  /** Puts the copy in the place of the one before. */
  commit(): void {
    if (this.file === undefined) return;
    this.flush();
    renameSync(this.unfinished, this.path);
    this.written = 0;
  }

  /** Hands what was added to the operating system. */
  flush(): void {
    const { filled } = this;
    this.filled = 0;
    if (filled > 0) this.write(this.block.subarray(0, filled));
  }

  /** Stops adding. The copy stays. */
  close(): void {
    if (this.file === undefined) return;
    const { file } = this;
    try {
      this.flush();
    } finally {
      this.file = undefined;
      closeSync(file);
    }
  }

  /** Gives up an unfinished copy and stops adding; for when the disk refuses. */
  abandon(): void {
    this.filled = 0;
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
    rmSync(this.unfinished, { force: true });
  }

  /**
   * Reads the copy that is there, record by record, and gives the loop a turn between blocks; nothing where there is none.
   *
   * @throws {Fault} `stream.bad_cache` where the file ends in mid-record, or holds what is no copy; records before were given.
   */
  async *read(): AsyncGenerator<readonly WholeRecord[]> {
    const file = await openThere(this.path);
    if (file === undefined) return;
    try {
      yield* readBlocks(file);
    } catch (caught) {
      throw isFault(caught) ? caught : streamFault.bad_cache(`${this.path} cannot be read`, {}, caught);
    } finally {
      await file.close();
    }
  }

  private write(bytes: Buffer): void {
    if (this.file === undefined) return;
    this.written += bytes.length;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
  }

  private get unfinished(): string {
    return `${this.path}.new`;
  }
}

async function* readBlocks(file: FileHandle): AsyncGenerator<readonly WholeRecord[]> {
  const magic = Buffer.alloc(MAGIC.length);
  await file.read(magic, 0, magic.length);
  if (!magic.equals(MAGIC)) throw streamFault.bad_cache('the copy of the stream is of another form');
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES);
    if (bytesRead === 0) break;
    const { records, rest } = unframed(Buffer.concat([held, buffer.subarray(0, bytesRead)]));
    held = rest;
    yield records;
  }
  if (held.length > 0) throw streamFault.bad_cache('the copy of the stream ends in the middle of a record');
}

async function openThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (caught) {
    if (caught instanceof Error && 'code' in caught && caught.code === 'ENOENT') return undefined;
    throw asFault(path, caught);
  }
}

function asFault(path: string, caught: unknown): Fault {
  return streamFault.bad_cache(`${path} cannot be opened`, {}, caught);
}

function frameHead({ topic, key, value }: WholeRecord): Buffer {
  const keyBytes = Buffer.from(key ?? '', 'utf8');
  const head = Buffer.allocUnsafe(FRAME_BYTES + keyBytes.length);
  head.writeUInt8(TOPICS.findIndex((name) => name === topic), 0);
  head.writeUInt16BE(keyBytes.length, 1);
  head.writeUInt32BE(value.length, 3);
  head.set(keyBytes, FRAME_BYTES);
  return head;
}

function unframed(bytes: Buffer): { readonly records: readonly WholeRecord[]; readonly rest: Buffer } {
  const records: WholeRecord[] = [];
  let at = 0;
  while (bytes.length - at >= FRAME_BYTES) {
    const topic = TOPICS[bytes.readUInt8(at)];
    const [keyLength, valueLength] = [bytes.readUInt16BE(at + 1), bytes.readUInt32BE(at + 3)];
    if (topic === undefined || valueLength > MAX_RECORD_BYTES) throw streamFault.bad_cache('the copy of the stream is damaged');
    const [keyAt, valueAt] = [at + FRAME_BYTES, at + FRAME_BYTES + keyLength];
    if (bytes.length < valueAt + valueLength) break;
    records.push({ topic, key: bytes.toString('utf8', keyAt, valueAt), value: bytes.subarray(valueAt, valueAt + valueLength) });
    at = valueAt + valueLength;
  }
  return { records, rest: bytes.subarray(at) };
}
