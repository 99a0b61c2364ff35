import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { ChainVerifier, DumpVerifier, checkConsistency, checkInclusion, verifierKeyText, type ChainReport, type OpenedCheckpoint, type VerifierKey } from '@sallyport/audit-chain';
import { AUDIT_FORMATS } from '@sallyport/audit-formats';
import { isFault } from '@sallyport/kernel';
import { Option, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { EXIT } from '../exit-codes.js';
import { printError } from '../output/answers.js';
import { wholeNumber } from '../output/paging.js';
import { verificationMarkdown, verificationText, type Verification } from '../output/verification-report.js';
import type { CommandContext } from '../session/command-context.js';
import { decodingLines } from './verify-dump-lines.js';
import { readLines, type ReadFile } from './verify-file.js';
import { openGiven, readGiven, readInclusionProof, readKeys, readNewerHead, sha256, verifySignature } from './verify-inputs.js';

interface KeyFlags {
  readonly key: readonly string[];
  readonly report?: string;
}

/** What a verification came to, before it is told. */
interface Outcome {
  readonly task: string;
  readonly files: Verification['files'];
  readonly keys: readonly VerifierKey[];
  readonly report: ChainReport;
}

const LARGEST = Number.MAX_SAFE_INTEGER;
const CODES = '\nExit codes: 0 intact · 1 could not run, or not compare what was asked · 2 modified · 3 missing · 4 out of order or duplicate\n            5 bad signature or unknown key · 6 two histories\n';

/** `verify chain | inclusion | consistency | range | export`: proofs of an audit log, without a server and without a token. */
export function addVerifyCommands(program: Command, kit: CommandKit): void {
  const verify = program.command('verify').description('check an exported audit log offline: needs the files and the public key');
  addChain(verify, kit);
  addInclusion(verify, kit);
  addConsistency(verify, kit);
  addRange(verify, kit);
  addExport(verify, kit);
}

function addChain(verify: Command, kit: CommandKit): void {
  const command = withKey(verify.command('chain <file>').description('check an export: every event, the chain, the tree, the signed last line')).option('--against <checkpoint>', 'hold it against a signed checkpoint from elsewhere too');
  told(command, 'sallyport verify chain audit.ndjson --key audit.keys', 'sallyport verify chain audit.ndjson.gz --key audit.keys --against checkpoint.txt --report report.md').action(
    verifying(kit, async (context, [file], flags: KeyFlags & { against?: string }) => {
      const keys = readKeys(flags.key, context.terminal);
      const head = flags.against === undefined ? undefined : openGiven(readGiven(flags.against, context.terminal).toString('utf8'), keys, flags.against);
      if (head?.kind === 'untrusted') return untrusted('An export was checked.', keys, head.detail);
      const verifier = new ChainVerifier({ keys, sha256, verify: verifySignature, ...(head === undefined ? {} : { against: head.opened }) });
      const read = await readLines(file, context.terminal, verifier);
      return { task: 'An export was checked: every event, the chain between them, the tree over them and the signed last line.', files: [role('export', read)], keys, report: verifier.finish() };
    }),
  );
}

function addInclusion(verify: Command, kit: CommandKit): void {
  const command = withKey(verify.command('inclusion <event> <proof>').description('check that a signed head covers an event: a file with its line, and its proof'));
  told(command, 'sallyport verify inclusion event.json proof.json --key audit.keys').action(
    verifying(kit, async (context, [eventFile, proofFile], flags: KeyFlags) => {
      const keys = readKeys(flags.key, context.terminal);
      const event = readGiven(eventFile, context.terminal);
      const given = readInclusionProof(readGiven(proofFile, context.terminal).toString('utf8'), proofFile);
      const task = 'An event was checked against a signed head by its inclusion proof.';
      const head = openGiven(given.checkpoint, keys, 'the checkpoint of the proof');
      if (head.kind === 'untrusted') return untrusted(task, keys, head.detail);
      const line = event.at(-1) === LINE_FEED ? event.subarray(0, -1) : event;
      const report = checkInclusion({ line, index: given.index, proof: given.proof, head: head.opened }, sha256);
      return { task, files: [wholeFile('event', eventFile, event), wholeFile('proof', proofFile, readGiven(proofFile, context.terminal))], keys, report };
    }),
  );
}

function addConsistency(verify: Command, kit: CommandKit): void {
  const command = withKey(verify.command('consistency <old> <new>').description('check that a newer signed checkpoint continues an older one')).option('--proof <file>', 'the proof, as audit consistency prints it; not needed where the newer file begins with it');
  told(command, 'sallyport verify consistency old.txt new.txt --proof proof.txt --key audit.keys').action(
    verifying(kit, async (context, [oldFile, newFile], flags: KeyFlags & { proof?: string }) => {
      const keys = readKeys(flags.key, context.terminal);
      const [oldBytes, newBytes] = [readGiven(oldFile, context.terminal), readGiven(newFile, context.terminal)];
      const task = 'Two signed heads were checked for being of one history.';
      const newer = readNewerHead(newBytes.toString('utf8'), flags.proof === undefined ? undefined : readGiven(flags.proof, context.terminal).toString('utf8'), flags.proof ?? newFile);
      const one = openGiven(oldBytes.toString('utf8'), keys, oldFile);
      if (one.kind === 'untrusted') return untrusted(task, keys, one.detail);
      const two = openGiven(newer.note, keys, newFile);
      if (two.kind === 'untrusted') return untrusted(task, keys, two.detail);
      assertComparable(one.opened, two.opened, newer.proof);
      const report = checkConsistency({ older: one.opened, newer: two.opened, proof: newer.proof ?? [] }, sha256);
      return { task, files: [wholeFile('older head', oldFile, oldBytes), wholeFile('newer head', newFile, newBytes)], keys, report };
    }),
  );
}

function addRange(verify: Command, kit: CommandKit): void {
  const command = verify
    .command('range <file>')
    .description('check events for gaps, duplicates, order, hashes and a clock that went back; needs no key')
    .option('--from <seq>', 'the first event', wholeNumber(1, LARGEST))
    .option('--to <seq>', 'the last event', wholeNumber(1, LARGEST))
    .option('--clock-slack <ms>', 'how far the clock may go back', wholeNumber(0, LARGEST), 1_000)
    .option('--report <file>', 'write a report for an auditor, as Markdown');
  told(command, 'sallyport verify range audit.ndjson --from 1000 --to 2000').action(
    verifying(kit, async (context, [file], flags: { from?: number; to?: number; clockSlack: number; report?: string }) => {
      const { from, to } = flags;
      if (from !== undefined && to !== undefined && from > to) throw cliFault.usage('--from is after --to.');
      const verifier = new ChainVerifier({ keys: [], sha256, verify: verifySignature, clockSlackMs: flags.clockSlack, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      const read = await readLines(file, context.terminal, verifier);
      return { task: `Events ${from ?? 'from the first'} to ${to ?? 'the last'} were checked for order and hashes; no signature was looked at.`, files: [role('events', read)], keys: [], report: verifier.finish() };
    }),
  );
}

function addExport(verify: Command, kit: CommandKit): void {
  const command = withKey(verify.command('export <dump>').description('check what a sink received, in any order and with repetitions, against a signed checkpoint'))
    .requiredOption('--against <checkpoint>', 'the signed checkpoint that says what should be there')
    .addOption(new Option('--format <format>', 'the form of the lines').choices([...AUDIT_FORMATS]).default('native'))
    .option('--from <seq>', 'the first event that the sink was sent; above 1 it needs --proof', wholeNumber(1, LARGEST), 1)
    .option('--proof <file>', "the inclusion proof of the checkpoint's last event");
  told(command, 'sallyport verify export siem-dump.ndjson --against checkpoint.txt --key audit.keys').action(
    verifying(kit, async (context, [file], flags: KeyFlags & { against: string; format: (typeof AUDIT_FORMATS)[number]; from: number; proof?: string }) => {
      const keys = readKeys(flags.key, context.terminal);
      const task = `What a sink received (${flags.format}) was checked against a signed head, from event ${flags.from} on.`;
      if (flags.from > 1 && flags.proof === undefined) throw cliFault.usage("A dump that does not start with event 1 needs --proof, the inclusion proof of the checkpoint's last event.");
      const head = openGiven(readGiven(flags.against, context.terminal).toString('utf8'), keys, flags.against);
      if (head.kind === 'untrusted') return untrusted(task, keys, head.detail);
      const proof = flags.proof === undefined ? {} : { proof: readInclusionProof(readGiven(flags.proof, context.terminal).toString('utf8'), flags.proof) };
      const verifier = new DumpVerifier({ against: head.opened, from: flags.from, sha256, ...proof });
      const read = await readLines(file, context.terminal, decodingLines(flags.format, verifier));
      return { task, files: [role('dump', read)], keys, report: verifier.finish() };
    }),
  );
}

const LINE_FEED = 0x0a;

/** Runs a verification and tells it; whatever keeps it from running ends with 1, so that no other code is ever taken for a verdict. */
function verifying<Flags extends { readonly report?: string }>(kit: CommandKit, check: (context: CommandContext, files: readonly [string, string], flags: Flags) => Promise<Outcome>): (...given: readonly unknown[]) => Promise<void> {
  return kit.run(async (context, ...given: readonly unknown[]) => {
    const [first, second] = given;
    try {
      const outcome = await check(context, [String(first), String(second)], given.at(-1) as Flags);
      tell(context, outcome, { report: (given.at(-1) as Flags).report, verifiedAt: new Date(kit.nowMs()).toISOString() });
    } catch (caught) {
      context.exitCode = EXIT.failed;
      printError(context, { code: isFault(caught) ? caught.code : 'cli.failed', message: caught instanceof Error ? caught.message : 'The verification could not run.' });
    }
  });
}

function tell(context: CommandContext, { task, files, keys, report }: Outcome, told: { readonly report: string | undefined; readonly verifiedAt: string }): void {
  const verification: Verification = { task, files, keys: keys.map(verifierKeyText), verifiedAt: told.verifiedAt, report };
  if (told.report !== undefined) writeFileSync(resolve(context.terminal.folder, told.report), verificationMarkdown(verification));
  context.exitCode = report.code;
  context.print({ ...report, files, keys: verification.keys, verifiedAt: told.verifiedAt }, verificationText(verification));
}

function untrusted(task: string, keys: readonly VerifierKey[], detail: string): Outcome {
  const findings = [{ kind: 'bad_signature', seq: 1, detail }] as const;
  return { task, files: [], keys, report: { code: 5, undecided: [], findings, findingsTotal: 1, notices: [], events: 0, heads: [], announcedKeys: [] } };
}

function assertComparable(older: OpenedCheckpoint, newer: OpenedCheckpoint, proof: readonly Uint8Array[] | undefined): void {
  const [one, two] = [older.checkpoint, newer.checkpoint];
  if (one.origin !== two.origin) throw cliFault.usage('The two checkpoints are of different logs.');
  if (one.size > two.size) throw cliFault.usage(`The first checkpoint, of ${one.size} events, is the newer one: name the older first.`);
  if (one.size < two.size && proof === undefined) throw cliFault.usage(`Two heads of different sizes need a proof: sallyport audit consistency ${one.size} ${two.size} > proof.txt, then --proof proof.txt.`);
}

function withKey(command: Command): Command {
  return command
    .option('--key <key>', 'the public key that signs the log, a verifier key or a file of them; may be given again', (text: string, before: readonly string[]) => [...before, text], [] as readonly string[])
    .option('--report <file>', 'write a report for an auditor, as Markdown');
}

function told(command: Command, ...examples: readonly string[]): Command {
  return example(command, ...examples).addHelpText('after', CODES);
}

function role(name: string, { file, bytes, sha256: digest }: ReadFile): Verification['files'][number] {
  return { role: name, file, bytes, sha256: digest };
}

function wholeFile(name: string, file: string, content: Buffer): Verification['files'][number] {
  return { role: name, file, bytes: content.length, sha256: Buffer.from(sha256(content)).toString('hex') };
}
