import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** Thrown where a path leads elsewhere than it says, or to what is no file. */
export class ForeignPath extends Error {}

/** Where lines are kept: `<directory>/<folder>/<name>-<day>-<number>.ndjson`. */
export interface LineFilePlace {
  /** Absolute, without symbolic links; exists. */
  readonly directory: string;
  /** One name, made where it lacks. */
  readonly folder: string;
  readonly name: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
}

/**
 * One file that only grows, by whole lines that are on stable storage when `append` comes back. What a crash left of a line is cut off when it is
 * opened; what a failed append left, at once.
 */
export class LineFile {
  private constructor(
    private readonly handle: FileHandle,
    readonly path: string,
    private bytes: number,
  ) {}

  get size(): number {
    return this.bytes;
  }

  /** Opens the newest file of the day below `maxBytes`, else the next. @throws {ForeignPath} and the platform's errors. */
  static async open(place: LineFilePlace, maxBytes: number): Promise<LineFile> {
    const folder = await ownFolder(place);
    const newest = await newestNumber(folder, place);
    for (let number = Math.max(newest, 1); ; number += 1) {
      const file = await LineFile.openAt(folder, join(folder, fileName(place, number)));
      if (file.size < maxBytes) return file;
      await file.close();
    }
  }

  /** Adds whole lines. @throws the platform's errors; the file is then as before. */
  async append(lines: Uint8Array): Promise<void> {
    try {
      await writeAll(this.handle, lines);
      await this.handle.datasync();
      this.bytes += lines.byteLength;
    } catch (error) {
      await this.handle.truncate(this.bytes).catch(() => undefined); // cut off when it is opened next, else
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private static async openAt(folder: string, path: string): Promise<LineFile> {
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(path, flags, 0o600);
    try {
      const { size } = await examined(handle, path);
      const whole = await endOfLastLine(handle, size);
      if (whole < size) await handle.truncate(whole);
      await syncFolder(folder);
      return new LineFile(handle, path, whole);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

/** Everything on the way to it has to be what its name says: the operator allowed this directory and no other. */
async function ownFolder({ directory, folder }: LineFilePlace): Promise<string> {
  if ((await realpath(directory)) !== directory) throw new ForeignPath('the directory, or one above it, is a symbolic link');
  const path = join(directory, folder);
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (!(await lstat(path)).isDirectory()) throw new ForeignPath('the organisation’s folder is a symbolic link or a file');
  return path;
}

/** The file that was opened has to be the one of that path, a file, and have no other name. */
async function examined(handle: FileHandle, path: string): Promise<{ readonly size: number }> {
  const [opened, named] = await Promise.all([handle.stat(), lstat(path)]);
  if (!opened.isFile() || opened.nlink !== 1) throw new ForeignPath('what is to be written to is no file of its own');
  if (opened.ino !== named.ino || opened.dev !== named.dev) throw new ForeignPath('the file was exchanged while it was opened');
  return opened;
}

/** Where the last whole line ends. */
async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - PIECE_BYTES);
    const { bytesRead } = await handle.read(piece, 0, end - start, start);
    const at = piece.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at)).bytesWritten;
}

async function newestNumber(folder: string, place: LineFilePlace): Promise<number> {
  const start = `${place.name}-${place.day}-`;
  const numbers = (await readdir(folder)).flatMap((name) => (name.startsWith(start) ? [Number(/^([0-9]{4,})\.ndjson$/.exec(name.slice(start.length))?.[1] ?? 0)] : []));
  return Math.max(0, ...numbers);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await handle.sync().finally(() => handle.close());
}

function fileName({ name, day }: LineFilePlace, number: number): string {
  return `${name}-${day}-${String(number).padStart(4, '0')}.ndjson`;
}

const PIECE_BYTES = 65_536;
const LINE_FEED = 0x0a;
