import { execFileSync } from 'node:child_process';

/** What a test needs of Debian's packages. */
export interface NeededPackages {
  readonly packages: readonly string[];
  /** What cannot be tested without them; the error begins with it: `These tests need rsyslogd`. */
  readonly need: string;
  /** Whether what they bring is there. */
  isThere(): boolean;
}

/**
 * Sees to packages that a test needs: where what they bring lacks and this process may install them (Debian or Ubuntu, as root), it does.
 *
 * @throws {Error} with the sentence that says what to install, otherwise.
 */
export function haveDebianPackages({ packages, need, isThere }: NeededPackages): void {
  if (isThere()) return;
  const sentence = `${need}: apt-get install ${packages.join(' ')}`;
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, stdio: 'pipe' });
  } catch (cause) {
    throw new Error(sentence, { cause });
  }
  if (!isThere()) throw new Error(sentence);
}
