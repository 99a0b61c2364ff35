import type { AuditFact, StoredEvent } from '@sallyport/audit-event';
import { aChain, aFact } from '@sallyport/audit-event/testing';

import { keyIdOf } from '../check-genesis.js';
import { checkpointOrigin, checkpointText } from '../checkpoint.js';
import { ExportSealer } from '../export-sealer.js';
import { parseHex } from '../hex.js';
import { inclusionProof } from '../make-proofs.js';
import { MemoryTiles } from '../memory-tiles.js';
import { signNote, type NoteSigner } from '../signed-note.js';
import { verifierKey, type VerifierKey } from '../verifier-key.js';
import { aNoteSigner, nodeSha256 } from './node-crypto.js';

/** The organisation whose log the builders make unless they are told another. */
export const LOGGED_ORGANISATION = '0199c2a0-7b00-7000-8000-0000000000a1';

/** A log of a test: its events, its tree, its key. */
export interface ALog {
  readonly origin: string;
  readonly stream: string;
  readonly signer: NoteSigner;
  readonly key: VerifierKey;
  readonly events: readonly StoredEvent[];
  readonly tiles: MemoryTiles;
}

/** What a log of a test can be told. */
export interface LogWish {
  readonly stream?: string;
  /** The same seed gives the same key. */
  readonly seed?: number;
  /** Named by the genesis; by default the signing key's. */
  readonly startKeyId?: string;
  readonly factAt?: (seq: number) => Partial<AuditFact>;
}

/** A log of `n` events. */
export function aLog(n: number, { stream = LOGGED_ORGANISATION, seed = 1, startKeyId, factAt = () => ({}) }: LogWish = {}): ALog {
  const origin = checkpointOrigin('acme', stream);
  const signer = aNoteSigner(origin, seed);
  const events = aChain(n, { stream, keyId: startKeyId ?? keyIdOf(signer.publicKey, nodeSha256), factAt: (seq) => aFact({ organisation_id: stream, ...factAt(seq) }, seq) });
  const tiles = new MemoryTiles(nodeSha256);
  for (const { hash } of events) tiles.append(bytesOf(hash));
  return { origin, stream, signer, key: verifierKey(origin, signer.publicKey, nodeSha256), events, tiles };
}

/** The signed checkpoint of a log's first `size` events. */
export function aCheckpoint(log: ALog, size = log.events.length, signers: readonly NoteSigner[] = [log.signer]): string {
  return signNote(checkpointText({ origin: log.origin, size, root: rootAt(log, size), extensions: [] }), signers, nodeSha256);
}

/** What an export of a test can be told. */
export interface ExportWish {
  readonly from?: number;
  readonly to?: number;
  readonly signers?: readonly NoteSigner[];
  /** The size of the checkpoint in the trailer; by default the whole log's, and `null` for none. */
  readonly checkpoint?: number | null;
}

/** The lines of an export, the trailer last, each without its line feed. */
export async function anExport(log: ALog, wish: ExportWish = {}): Promise<readonly string[]> {
  const { from = 1, to = log.events.length, signers = [log.signer], checkpoint = log.events.length } = wish;
  const before = log.events[from - 2];
  const events = log.events.slice(from - 1, to);
  const prevHash = before?.hash ?? prevHashOf(log.events[0]);
  const sealer = new ExportSealer({ origin: log.origin, stream: log.stream, organisationId: log.stream, firstSeq: from, prevHash }, nodeSha256);
  for (const event of events) sealer.add(event);
  const anchored = checkpoint === null ? 0 : Math.min(to, checkpoint);
  const anchor = checkpoint === null || anchored < from ? {} : { anchor: { seq: anchored, proof: await inclusionProof({ tiles: log.tiles, size: checkpoint, sha256: nodeSha256 }, anchored - 1) } };
  const head = checkpoint === null ? {} : { checkpoint: aCheckpoint(log, checkpoint) };
  return [...events.map(({ line }) => line), sealer.trailerLine({ exportedAt: '2026-11-21T12:00:00Z', ...head, ...anchor }, signers)];
}

/** Lines as a file holds them. */
export function fileOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function rootAt(log: ALog, size: number): Uint8Array {
  const tiles = new MemoryTiles(nodeSha256);
  for (const { hash } of log.events.slice(0, size)) tiles.append(bytesOf(hash));
  return tiles.root();
}

function prevHashOf(event: StoredEvent | undefined): string {
  if (event === undefined) return '00'.repeat(32);
  const { integrity } = JSON.parse(event.line) as { readonly integrity: { readonly prev_hash: string } };
  return integrity.prev_hash;
}

function bytesOf(hash: string): Uint8Array {
  return parseHex(hash) ?? new Uint8Array(0);
}
