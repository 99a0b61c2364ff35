import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as aTurn } from 'node:timers/promises';

import type { ExaminedReceiver } from '@sallyport/sinks/testing';

/**
 * A local disk as a receiver. It is away as a full disk is: the kernel lets this process add to no file any more (RLIMIT_FSIZE, by `prlimit` of
 * util-linux), and a write ends with EFBIG.
 */
export class FileReceiver implements ExaminedReceiver {
  /** What the sink is to be given. */
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-disk-')));

  async reset(): Promise<void> {
    await this.back();
    rmSync(this.directory, { recursive: true, force: true });
    mkdirSync(this.directory);
  }

  async arrived(count: number): Promise<readonly string[]> {
    for (;;) {
      const ids = this.ids();
      if (ids.length >= count) return ids;
      await aTurn();
    }
  }

  async kept(): Promise<readonly string[]> {
    return [...new Set(this.ids())];
  }

  async away(): Promise<void> {
    this.fullAt(0);
  }

  /** Lets a file grow to so many bytes and no further. */
  fullAt(bytes: number): void {
    limitFiles(String(bytes));
  }

  async back(): Promise<void> {
    limitFiles('unlimited');
  }

  /** At once: what is waited for here would be closed by the collector of garbage some time. */
  async unconnected(): Promise<void> {
    const open = openFiles().filter((path) => path.startsWith(this.directory));
    if (open.length > 0) throw new Error(`${open.length} files are open`);
  }

  async close(): Promise<void> {
    await this.back();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private ids(): readonly string[] {
    const files = readdirSync(this.directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const lines = files.flatMap((file) => readFileSync(join(file.parentPath, file.name), 'utf8').split('\n').slice(0, -1));
    return lines.map((line) => (JSON.parse(line) as { readonly event_id: string }).event_id);
  }
}

/** Size in bytes beyond which this process adds to no file; the hard limit stays, so that it can be lifted again. */
function limitFiles(size: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${size}:`]);
}

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}
