// How many events a second the verifier checks, in one process without worker threads: an export in a temporary folder, and `sallyport verify chain`
// on it, with the processor's time and the largest memory of the verifying process. Run by `npm run bench:audit`.
import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ExportSealer, keyIdOf, verifierKey, verifierKeyText } from '../../libs/audit-chain/dist/index.js';
import { genesisHash, microTime, sealEvent } from '../../libs/audit-event/dist/index.js';
import { AN_ORGANISATION, aFact } from '../../libs/audit-event/dist/testing/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
// Runs in the verifying process: says at its end what it used.
const TELL_USAGE = `data:text/javascript,${encodeURIComponent("import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));")}`;

/** Writes an export of `count` events. @returns the verifier key's text. */
export async function writeExport(path, count) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const origin = `sallyport/bench/${AN_ORGANISATION}`;
  const signer = { name: origin, publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(12), sign: (bytes) => sign(null, bytes, privateKey) };
  let prevHash = genesisHash(AN_ORGANISATION, keyIdOf(signer.publicKey, sha256), sha256);
  const sealer = new ExportSealer({ origin, stream: AN_ORGANISATION, organisationId: AN_ORGANISATION, firstSeq: 1, prevHash }, sha256);
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  for (let seq = 1; seq <= count; seq += 1) {
    const event = sealEvent(aFact({}, seq), { stream: AN_ORGANISATION, seq, observedTime: microTime(1_763_715_600_000 + seq), prevHash, keyEpoch: 1 }, sha256);
    sealer.add(event);
    prevHash = event.hash;
    if (!file.write(`${event.line}\n`)) await once(file, 'drain');
  }
  file.end(`${sealer.trailerLine({ exportedAt: '2026-11-21T12:00:00Z' }, [signer])}\n`);
  await once(file, 'finish');
  return verifierKeyText(verifierKey(origin, signer.publicKey, sha256));
}

/** Verifies a generated export of `count` events in a process of its own. */
export async function measureVerifier(count = 1_000_000) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-verifier-'));
  try {
    const path = join(folder, 'audit.ndjson');
    writeFileSync(join(folder, 'audit.keys'), `${await writeExport(path, count)}\n`);
    const started = performance.now();
    const child = spawn(process.execPath, ['--import', TELL_USAGE, join(root, 'apps/cli/bin/sallyport.mjs'), 'verify', 'chain', path, '--key', join(folder, 'audit.keys'), '--json'], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    let out = '';
    let used = '';
    child.stdio[3].on('data', (chunk) => (used += chunk));
    child.stdout.on('data', (chunk) => (out += chunk));
    const [code] = await once(child, 'close');
    const seconds = (performance.now() - started) / 1_000;
    if (code !== 0 || JSON.parse(out).events !== count) throw new Error(`the verifier ended with ${code}: ${out.slice(0, 500)}`);
    const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(used);
    const cpuSeconds = (userCPUTime + systemCPUTime) / 1_000_000;
    return {
      events: count,
      bytes: statSync(path).size,
      secondsPerMillion: Number(((seconds * 1_000_000) / count).toFixed(1)),
      eventsPerSecond: Math.round(count / seconds),
      cpuUsPerEvent: Number(((cpuSeconds * 1_000_000) / count).toFixed(1)),
      largestMiB: Math.round(maxRSS / 1_024),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
