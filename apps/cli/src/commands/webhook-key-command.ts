import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';

import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { fields } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import { readText } from '../session/credentials.js';

/** `sink webhook-key FILE`: the signing key of webhooks in a file, made where there is none, and its public half for the receiver. Asks no deployment. */
export function addWebhookKeyCommand(sink: Command, kit: CommandKit): void {
  const command = sink.command('webhook-key <file>').description('make the signing key of a webhook in a file, unless it is there, and show the public half that the receiver verifies with');
  example(command, 'sallyport sink webhook-key webhook.key', 'sallyport sink add webhook siem --set url=https://siem.example.com/in --credential signing_key=@webhook.key').action(
    kit.run(async (context, file: string) => showKey(context, file)),
  );
}

/** What signs webhooks is loaded here alone: no other command needs it. */
async function showKey(context: CommandContext, file: string): Promise<void> {
  const { newWebhookKey, webhookPublicKey } = await import('@sallyport/sinks-http');
  const created = makeFile(file, () => `${newWebhookKey()}\n`);
  const publicKey = webhookPublicKey(readText(file).trim());
  if (publicKey === null) throw cliFault.usage(`${file} holds no signing key of webhooks, whsk_ and base64. It stays as it is: name a file that is not there, and a key is made in it.`);
  const kept = created ? `made in ${file}, readable by its owner alone` : `in ${file}, as it was`;
  context.print({ publicKey, file, created }, `${fields([['public half', publicKey], ['signing key', kept]])}\nGive the receiver the public half. For the sink: --credential signing_key=@${file}\n`);
}

/**
 * Writes a file that was not there, of mode 0600. Of one that is there nothing is touched.
 *
 * @returns whether it was made.
 * @throws {Fault} `cli.unreadable_file` when it cannot be written; then nothing is left of it.
 */
function makeFile(file: string, text: () => string): boolean {
  const handle = openNew(file);
  if (handle === null) return false;
  try {
    writeSync(handle, text());
    fsyncSync(handle);
  } catch (cause) {
    unlinkSync(file);
    throw unwritable(file, cause);
  } finally {
    closeSync(handle);
  }
  return true;
}

/** Exclusively, so that neither a file nor what a link leads to is ever written over; null where there is one. */
function openNew(file: string): number | null {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return null;
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown) {
  return cliFault.unreadable_file(`${file} cannot be written: check that its folder is there and yours.`, {}, cause);
}
