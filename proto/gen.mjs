// Writes the generated TypeScript: `node proto/gen.mjs`. With `--check` it writes nothing, lints the definitions, holds them to
// what was released, and fails when something generated is stale. With `--release` it makes these definitions the released ones.
// Works without a network.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const proto = dirname(fileURLToPath(import.meta.url));
const root = join(proto, '..');
const generated = join(root, 'libs', 'wire', 'src', 'generated');
const released = join(proto, 'released.binpb');
const buf = join(root, 'node_modules', '@bufbuild', 'buf', 'bin', 'buf');

class Complaint extends Error {}

function runBuf(args, complaint) {
  try {
    execFileSync(process.execPath, [buf, ...args], { cwd: proto, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (caught) {
    throw new Complaint(`${complaint}\n${caught.stdout ?? ''}${caught.stderr ?? ''}`.trimEnd());
  }
}

/** Runs buf.gen.yaml under another root: it writes to `../libs/wire/src/generated`, seen from the folder it is given. */
function generateUnder(folder) {
  runBuf(['generate', '--output', join(folder, 'proto')], 'proto: the definitions do not compile.');
  return join(folder, relative(root, generated));
}

function* filesUnder(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

function contents(folder) {
  return new Map([...filesUnder(folder)].map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

function refuseStale(fresh) {
  const [wanted, found] = [contents(fresh), contents(generated)];
  const names = new Set([...wanted.keys(), ...found.keys()]);
  const stale = [...names].filter((name) => wanted.get(name) !== found.get(name));
  if (stale.length > 0) throw new Complaint(`proto: libs/wire/src/generated is stale (${stale.join(', ')}); run \`npm run gen\` and commit what it writes.`);
}

function check(fresh) {
  runBuf(['lint'], 'proto: the definitions break a lint rule.');
  runBuf(['breaking', '--against', released], 'proto: the definitions break what was released; add a new field or a new version of the fact instead.');
  refuseStale(generateUnder(fresh));
}

function write(fresh) {
  runBuf(['lint'], 'proto: the definitions break a lint rule.');
  const written = generateUnder(fresh);
  rmSync(generated, { recursive: true, force: true });
  cpSync(written, generated, { recursive: true });
}

/** Names what later definitions are held to. Done at a release, on purpose, never by `gen`. */
function release(fresh) {
  check(fresh);
  runBuf(['build', '--exclude-source-info', '-o', released], 'proto: the definitions do not compile.');
}

const fresh = mkdtempSync(join(tmpdir(), 'sallyport-proto-'));
try {
  if (process.argv.includes('--check')) check(fresh);
  else if (process.argv.includes('--release')) release(fresh);
  else write(fresh);
} catch (caught) {
  if (!(caught instanceof Complaint)) throw caught;
  process.stderr.write(`${caught.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
