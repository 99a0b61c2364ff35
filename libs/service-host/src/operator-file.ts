import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

import { formatOperatorFileErrors, parseOperatorFile, type OperatorFile } from '@sallyport/operator-file';
import { stringify } from 'yaml';

import { startFault } from './start-faults.js';

/** Slug of the demonstration server. */
export const DEMO_SERVER = 'everything';

const require = createRequire(import.meta.url);

const HEAD = `# The machine operator's file. Sallyport wrote it once and never changes it.
# It alone decides which processes are started here and which private networks may be reached.
`;

const EGRESS = `
# Upstreams and sinks must be on the public internet, over https on port 443, except in these networks, where plain http and
# any port are accepted. Loopback is open so that a server on this machine can be tried; remove it where that is not wanted.
egress:
  allow:
    - 127.0.0.0/8
    - ::1/128
`;

/**
 * Reads the operator's file, writing it first when it does not exist.
 *
 * @throws {Fault} `start.bad_operator_file` with one line for each thing that is wrong.
 */
export function openOperatorFile(path: string, demo: boolean): OperatorFile {
  if (!existsSync(path)) writeFirst(path, demo);
  return parsed(readText(path), path);
}

/** The text of a first file: with the demonstration server, or without. */
export function firstOperatorFile(demo: boolean): string {
  return `${HEAD}${demo ? stdioPart() : '\nstdio: []\n'}${EGRESS}`;
}

/**
 * Reads the operator's file of a process that never writes one. Where nobody named a file and none is there, everything stays shut: no
 * processes, no private networks.
 *
 * @throws {Fault} `start.bad_operator_file`.
 */
export function readOperatorFile(path: string, named: boolean): OperatorFile {
  if (!named && !existsSync(path)) return parsed('', path);
  return parsed(readText(path), path);
}

function parsed(text: string, path: string): OperatorFile {
  const read = parseOperatorFile(text);
  if (read.ok) return read.value;
  throw startFault.bad_operator_file(formatOperatorFileErrors(basename(path), read.refusal));
}

function stdioPart(): string {
  const script = require.resolve('@modelcontextprotocol/server-everything/dist/index.js');
  const entry = { slug: DEMO_SERVER, command: process.execPath, args: [script, 'stdio'] };
  return `\n# Servers that are started here and spoken to over stdio.\n${stringify({ stdio: [entry] })}`;
}

function writeFirst(path: string, demo: boolean): void {
  try {
    writeFileSync(path, firstOperatorFile(demo), { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    throw startFault.bad_operator_file(`${path} cannot be written: give write access to its folder, or name another file with --config FILE.`, {}, cause);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw startFault.bad_operator_file(`${path} cannot be read: check its access, or name another file with --config FILE.`, {}, cause);
  }
}
