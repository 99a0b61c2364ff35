import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

import { servicesFault } from './services-faults.js';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LONGEST_END = 65_557;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;

interface Entry {
  readonly name: string;
  readonly isDeflated: boolean;
  readonly packedBytes: number;
  readonly localOffset: number;
}

/**
 * The content of the first entry of a jar (a ZIP file) whose name is wanted.
 *
 * @throws {Fault} `services.cannot_be_had` when no entry is.
 */
export function jarEntry(jar: string, isWanted: (name: string) => boolean): Buffer {
  const file = openSync(jar, 'r');
  try {
    const entry = entriesOf(file).find(({ name }) => isWanted(name));
    if (entry === undefined) throw servicesFault.cannot_be_had(`${jar} has nothing for ${process.platform} on ${process.arch}`);
    const local = bytesAt(file, entry.localOffset, LOCAL_BYTES);
    const start = entry.localOffset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
    const packed = bytesAt(file, start, entry.packedBytes);
    return entry.isDeflated ? inflateRawSync(packed) : packed;
  } finally {
    closeSync(file);
  }
}

function entriesOf(file: number): readonly Entry[] {
  const size = fstatSync(file).size;
  const tail = bytesAt(file, Math.max(0, size - LONGEST_END), Math.min(size, LONGEST_END));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw servicesFault.cannot_be_had('a jar that was fetched is no ZIP file');
  const directory = bytesAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: Entry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE; ) {
    const nameEnd = at + ENTRY_BYTES + directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + ENTRY_BYTES, nameEnd),
      isDeflated: directory.readUInt16LE(at + 10) !== 0,
      packedBytes: directory.readUInt32LE(at + 20),
      localOffset: directory.readUInt32LE(at + 42),
    });
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function bytesAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, position);
  return bytes;
}
