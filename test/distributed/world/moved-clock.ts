import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { haveDebianPackages } from '@sallyport/test-support';

const LIBRARIES = '/usr/lib';

/**
 * A wall clock that is moved from outside of the process that reads it, by libfaketime: whatever asks for the time of day is
 * answered so, in any language. The monotonic clock is not moved, as a machine's is not when somebody sets the time.
 */
export class MovedClock {
  private constructor(
    private readonly library: string,
    private readonly file: string,
  ) {}

  /** One that is right as yet; `file` says from then on how far it is off. @throws {Error} with what to install where it lacks. */
  static at(file: string): MovedClock {
    const clock = new MovedClock(faketimeLibrary(), file);
    clock.move(0);
    return clock;
  }

  /** What a process is started with, so that it reads this clock. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1', // the file is read for each answer, so that a move is seen at once
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1', // files keep the times they have
    };
  }

  /** From now on it is ahead by so much, or behind where negative; milliseconds. */
  move(ms: number): void {
    writeFileSync(`${this.file}.next`, `${ms < 0 ? '-' : '+'}${Math.abs(ms) / 1_000}\n`);
    renameSync(`${this.file}.next`, this.file); // whole at every moment
  }
}

/** Removes what libfaketime leaves of a process that was killed; the next of the same number would stumble over it. */
export function forgetKilled(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) rmSync(join('/dev/shm', name), { force: true });
}

/** Where Debian's package puts it, whatever the machine's architecture; installed where this process may. */
function faketimeLibrary(): string {
  haveDebianPackages({ packages: ['libfaketime'], need: 'This test moves the clock of a worker by libfaketime', isThere: () => installedLibrary() !== undefined });
  return installedLibrary() ?? '';
}

function installedLibrary(): string | undefined {
  return readdirSync(LIBRARIES)
    .map((folder) => join(LIBRARIES, folder, 'faketime', 'libfaketime.so.1'))
    .find((path) => existsSync(path));
}
