import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { HeadMemory, RememberedHead } from './head-memory.js';

/** The file's name in the data folder. */
export const AUDIT_HEADS_FILE = 'audit-heads.json';

const OWNER_ONLY = 0o600;

/** Remembers heads in `<folder>/audit-heads.json`, written whole beside and put in its place, on stable storage both times. */
export class FileHeadMemory implements HeadMemory {
  private readonly path: string;
  private readonly heads: Map<string, RememberedHead>;

  /** @throws {Error} when the file holds something else: what was signed is not to be guessed. */
  constructor(folder: string) {
    this.path = join(folder, AUDIT_HEADS_FILE);
    this.heads = read(this.path);
  }

  recall(origin: string): RememberedHead | undefined {
    return this.heads.get(origin);
  }

  origins(): readonly string[] {
    return [...this.heads.keys()];
  }

  keep(heads: ReadonlyMap<string, RememberedHead>, forget: readonly string[] = []): void {
    for (const origin of forget) this.heads.delete(origin);
    for (const [origin, head] of heads) this.heads.set(origin, head);
    const written = `${this.path}.new`;
    writeFileSync(written, `${JSON.stringify(Object.fromEntries(this.heads))}\n`, { mode: OWNER_ONLY, flush: true });
    renameSync(written, this.path);
    syncFolder(dirname(this.path));
  }
}

function read(path: string): Map<string, RememberedHead> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (caught) {
    if (caught instanceof Error && 'code' in caught && caught.code === 'ENOENT') return new Map();
    throw caught;
  }
  const kept: unknown = JSON.parse(text);
  if (typeof kept !== 'object' || kept === null) throw notHeads(path);
  return new Map(Object.entries(kept).map(([origin, head]) => [origin, headIn(head, path)]));
}

function headIn(value: unknown, path: string): RememberedHead {
  if (typeof value !== 'object' || value === null || !('size' in value) || !('root' in value)) throw notHeads(path);
  const { size, root } = value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || typeof root !== 'string' || !/^[0-9a-f]{64}$/.test(root)) throw notHeads(path);
  return { size, root };
}

function notHeads(path: string): Error {
  return new Error(`${path} does not hold the heads that were signed: bring it back from a copy, or move it away and acknowledge the reset`);
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
