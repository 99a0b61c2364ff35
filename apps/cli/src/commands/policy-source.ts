import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { readText } from '../session/credentials.js';
import type { Terminal } from '../terminal.js';

/** A policy's JSON text from a file, or from stdin for `-`. Sent as text, so that its numbers arrive as written. */
export async function readPolicyFile(file: string, terminal: Terminal): Promise<string> {
  return file === '-' ? terminal.readStdin() : readText(resolve(terminal.folder, file));
}

/** `NAME@N` as its parts; without a version, the policy as a whole. */
export function nameAndVersion(given: string): { name: string; version: number | undefined } {
  const parts = /^(.+)@(\d+)$/.exec(given);
  return parts === null ? { name: given, version: undefined } : { name: parts[1] ?? given, version: Number(parts[2]) };
}

/** A file that exists, or `-`, is a document; anything else names a published policy, `NAME` or `NAME@N`. */
export async function policySource(given: string, terminal: Terminal): Promise<{ policy?: string; document?: string }> {
  const isFile = given === '-' || existsSync(resolve(terminal.folder, given));
  return isFile ? { document: await readPolicyFile(given, terminal) } : { policy: given };
}
