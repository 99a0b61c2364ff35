import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BUILD_MS = 900_000;

/**
 * A Go program of this suite as a binary, built once for each content of its files. Modules come through the Go module proxy.
 *
 * @param folder Where its `go.mod` is; also the program's name.
 * @param program The package that is built: the folder's own, unless it only pins another's.
 * @throws When there is no Go, with what to install, or when it does not build, with the compiler's words.
 */
export function goBinary(folder: string, program = '.'): Promise<string> {
  const go = ['/usr/local/go/bin/go', '/usr/bin/go'].find(existsSync) ?? 'go';
  const files = ['main.go', 'go.mod', 'go.sum'].map((name) => join(folder, name));
  const made: Made = { name: basename(folder), files, instead: 'install Go 1.26 and let it reach its module proxy once', cwd: folder };
  return madeOnce(made, (half) => [go, 'build', '-trimpath', '-mod=readonly', '-o', half, program]);
}

/**
 * A folder with the Python packages that a file of requirements pins by hash, for `PYTHONPATH`, installed once for each content of it.
 *
 * @param requirements Its folder is the packages' name.
 * @throws When there is no Python with pip, with what to install, or when they cannot be had, with pip's words.
 */
export function pythonPackages(requirements: string): Promise<string> {
  const made: Made = { name: basename(join(requirements, '..')), files: [requirements], instead: 'install Python 3.10 or newer with pip and let it reach its package index once', cwd: join(requirements, '..') };
  return madeOnce(made, (half) => ['python3', '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes', '--target', half, '-r', requirements]);
}

interface Made {
  readonly name: string;
  /** What it is made of: other content is another thing. Those that are not there count as nothing. */
  readonly files: readonly string[];
  /** What to do where it cannot be made, as the end of a sentence. */
  readonly instead: string;
  readonly cwd: string;
}

/** Outside the repository, `$XDG_CACHE_HOME/sallyport` or `~/.cache/sallyport`. It is made beside its place and moved there, so that what is there is whole. */
async function madeOnce(made: Made, commandFor: (half: string) => readonly [string, ...string[]]): Promise<string> {
  const content = made.files.filter(existsSync).map((file) => readFileSync(file));
  const hash = createHash('sha256').update(Buffer.concat(content)).digest('hex').slice(0, 16);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sallyport');
  const place = join(cache, `${made.name}-${hash}`);
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const half = join(cache, `.half-${randomUUID()}`);
  try {
    await make(made, commandFor(half));
    if (!existsSync(place)) renameSync(half, place);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return place;
}

async function make({ name, instead, cwd }: Made, [command, ...args]: readonly [string, ...string[]]): Promise<void> {
  try {
    await run(command, args, { cwd, timeout: BUILD_MS, maxBuffer: 16_777_216 });
  } catch (cause) {
    const words = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).slice(-600) : '';
    throw new Error(`${name} cannot be had: ${instead}. ${words}`, { cause });
  }
}
