import { closeSync, constants, fdatasync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, write, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** One preallocated file of a fixed size. Errors are the operating system's, with their `code`. */
export interface SegmentFile {
  /** Writes; on return the bytes are the kernel's and survive the end of this process. */
  write(bytes: Buffer, at: number): void;
  /** Writes; resolves when these bytes are on stable storage. */
  writeDurably(bytes: Buffer, at: number): Promise<void>;
  /** Resolves when everything written is on stable storage. */
  sync(): Promise<void>;
  /** The bytes from `at` on, as many as asked for or up to the end of the file. */
  read(at: number, bytes: number): Promise<Buffer>;
  readonly bytes: number;
  close(): void;
}

/** The file system as the journal needs it, so that a test can let it fail. */
export interface JournalFiles {
  makeFolder(folder: string): void;
  /** Names in the folder. */
  list(folder: string): readonly string[];
  /** A new file full of zeros. It and its name are on stable storage; a file that could not be finished leaves no such name. */
  createSegment(path: string, bytes: number): Promise<SegmentFile>;
  openSegment(path: string): Promise<SegmentFile>;
  /** The whole text, or `null` when there is no such file. */
  readText(path: string): string | null;
  /** Replaces the whole file at once and durably: a reader sees the old text or the new. */
  replaceText(path: string, text: string): Promise<void>;
  remove(path: string): void;
}

const ZEROS = Buffer.alloc(1 << 20);
const syncData = promisify(fdatasync);

/** The real file system. */
export const nodeFiles: JournalFiles = {
  makeFolder: (folder) => void mkdirSync(folder, { recursive: true, mode: 0o700 }),
  list: (folder) => readdirSync(folder),
  createSegment,
  openSegment,
  readText,
  replaceText,
  remove: (path) => rmSync(path, { force: true }),
};

async function createSegment(path: string, bytes: number): Promise<SegmentFile> {
  const unfinished = `${path}.new`;
  try {
    const file = await open(unfinished, 'w', 0o600);
    try {
      for (let at = 0; at < bytes; ) at += (await file.write(ZEROS, 0, Math.min(ZEROS.length, bytes - at), at)).bytesWritten;
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (caught) {
    rmSync(unfinished, { force: true });
    throw caught;
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
  return openSegment(path);
}

async function openSegment(path: string): Promise<SegmentFile> {
  const reader = await open(path, 'r');
  const { size } = await reader.stat();
  const plain = openSync(path, 'r+');
  const synced = openSync(path, constants.O_RDWR | constants.O_DSYNC);
  return {
    bytes: size,
    write: (bytes, at) => writeWhole(plain, bytes, at),
    writeDurably: (bytes, at) => writeWholeAsync(synced, bytes, at),
    sync: () => syncData(plain),
    read: async (at, bytes) => {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(bytes, size - at)));
      const { bytesRead } = await reader.read(buffer, 0, buffer.length, at);
      return buffer.subarray(0, bytesRead);
    },
    close: () => {
      void reader.close();
      closeSync(plain);
      closeSync(synced);
    },
  };
}

function writeWhole(descriptor: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
}

function writeWholeAsync(descriptor: number, bytes: Buffer, at: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const writeFrom = (done: number): void => {
      write(descriptor, bytes, done, bytes.length - done, at + done, (error, written) => {
        if (error !== null) reject(error);
        else if (done + written < bytes.length) writeFrom(done + written);
        else resolve();
      });
    };
    writeFrom(0);
  });
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (caught) {
    if (caught instanceof Error && 'code' in caught && caught.code === 'ENOENT') return null;
    throw caught;
  }
}

async function replaceText(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
}

async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
