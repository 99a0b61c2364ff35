import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createGunzip } from 'node:zlib';

import { LineSplitter, type FileLine } from '@sallyport/audit-chain';

import { cliFault } from '../cli-faults.js';
import { progressBar } from '../output/progress-bar.js';
import type { Terminal } from '../terminal.js';

/** What takes a file's lines. */
export interface LineTaker {
  line(line: FileLine): void;
}

/** A file that was read to its end. */
export interface ReadFile {
  readonly file: string;
  readonly bytes: number;
  /** Of the file as it is on disk, 64 hexadecimal digits: says which file a report is about. */
  readonly sha256: string;
}

const CHUNK_BYTES = 1_048_576;
const UNREADABLE: FileLine = { bytes: new Uint8Array(0), isEnded: true, isTooLong: true };
const CUT: FileLine = { bytes: new Uint8Array(0), isEnded: false, isTooLong: false };

/**
 * Gives a file's lines one by one, unpacking a `.gz` on the way; memory does not grow with the file. A packed file that is damaged or cut
 * ends with a line that says so.
 *
 * @throws {Fault} `cli.unreadable_file`.
 */
export async function readLines(file: string, terminal: Terminal, taker: LineTaker): Promise<ReadFile> {
  const path = resolve(terminal.folder, file);
  const splitter = new LineSplitter();
  const hash = createHash('sha256');
  let bytes = 0;
  const bar = progressBar(terminal, `Verifying ${file}`, sizeOf(path, file));
  try {
    const raw = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    raw.on('data', (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
      bar.draw(bytes);
    });
    const content = file.endsWith('.gz') ? raw.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : raw;
    if (content !== raw) raw.on('error', (caught) => content.destroy(caught));
    for await (const chunk of content) for (const line of splitter.push(chunk as Buffer)) taker.line(line);
    for (const line of splitter.end()) taker.line(line);
  } catch (caught) {
    const damage = damageOf(caught);
    if (damage === undefined) throw cliFault.unreadable_file(`Cannot read ${file}: ${caught instanceof Error ? caught.message : 'unknown'}`, {}, caught);
    taker.line(damage);
  } finally {
    bar.wipe();
  }
  return { file, bytes, sha256: hash.digest('hex') };
}

function sizeOf(path: string, file: string): number {
  try {
    return statSync(path).size;
  } catch (caught) {
    throw cliFault.unreadable_file(`Cannot read ${file}: ${caught instanceof Error ? caught.message : 'unknown'}`, {}, caught);
  }
}

/** A packed stream that ends early was cut; one that does not add up was changed. */
function damageOf(caught: unknown): FileLine | undefined {
  const code = caught instanceof Error && 'code' in caught ? caught.code : undefined;
  if (code === 'Z_BUF_ERROR') return CUT;
  return typeof code === 'string' && code.startsWith('Z_') ? UNREADABLE : undefined;
}
