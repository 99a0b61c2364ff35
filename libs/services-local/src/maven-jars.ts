import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { servicesFault } from './services-faults.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The folder with the jars that `deploy/<service>/pom.xml` names. Maven copies them there once for each content of the pom;
 * afterwards nothing is asked of the network, nor Maven needed.
 *
 * @param instead What an operator without Maven may do, as the end of a sentence.
 * @param pom Another file that names them.
 * @throws {Fault} `services.cannot_be_had` with that sentence.
 */
export async function mavenJars(service: string, instead: string, pom: string = join(REPOSITORY, 'deploy', service, 'pom.xml')): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16);
  const folder = join(REPOSITORY, 'node_modules', '.cache', 'sallyport', `${service}-${hash}`);
  if (!existsSync(folder)) await copyJars(pom, folder, instead);
  return folder;
}

/** Copies beside the folder and moves the whole, so that a folder that is there is complete, whoever else copies at the same time. */
async function copyJars(pom: string, folder: string, instead: string): Promise<void> {
  const half = join(dirname(folder), `.half-${randomUUID()}`);
  mkdirSync(half, { recursive: true });
  try {
    copyFileSync(pom, join(half, 'pom.xml'));
    await runMaven(half, basename(folder), instead);
    if (!existsSync(folder)) renameSync(join(half, 'lib'), folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

function runMaven(folder: string, what: string, instead: string): Promise<void> {
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib'];
  const child = spawn('mvn', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let lastLines = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      lastLines = (lastLines + text).slice(-600);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(servicesFault.cannot_be_had(`Maven is not installed: ${instead}`, {}, cause)));
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(servicesFault.cannot_be_had(`Maven could not fetch ${what} (${lastLines.trim()}): ${instead}`));
    });
  });
}
