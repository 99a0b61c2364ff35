import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BUILD_MS = 900_000;

/**
 * A Go program of this suite as a binary, built once for each content of its files and kept outside the repository: `$XDG_CACHE_HOME/sallyport`
 * or `~/.cache/sallyport`. Modules come through the Go module proxy.
 *
 * @param folder Where its `go.mod` is; also the program's name.
 * @param program The package that is built: the folder's own, unless it only pins another's.
 * @throws When there is no Go, with what to install, or when it does not build, with the compiler's words.
 */
export async function goBinary(folder: string, program = '.'): Promise<string> {
  const files = ['main.go', 'go.mod', 'go.sum'].map((name) => join(folder, name)).filter(existsSync).map((file) => readFileSync(file));
  const hash = createHash('sha256').update(Buffer.concat(files)).digest('hex').slice(0, 16);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sallyport');
  const binary = join(cache, `${basename(folder)}-${hash}`);
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  const half = join(cache, `.half-${randomUUID()}`);
  await build(folder, program, half);
  renameSync(half, binary);
  return binary;
}

async function build(folder: string, program: string, binary: string): Promise<void> {
  const go = ['/usr/local/go/bin/go', '/usr/bin/go'].find(existsSync) ?? 'go';
  try {
    await run(go, ['build', '-trimpath', '-mod=readonly', '-o', binary, program], { cwd: folder, timeout: BUILD_MS, maxBuffer: 16_777_216 });
  } catch (cause) {
    const words = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).slice(-600) : '';
    throw new Error(`${basename(folder)} could not be built: install Go 1.26 and let it reach its module proxy once. ${words}`, { cause });
  }
}
