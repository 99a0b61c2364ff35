import { canonicalJson, isJsonObject, ok, refuse, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';

import { decodeBase64, encodeBase64 } from './base64.js';
import { isCount, isHash } from './read-event-line.js';
import type { NoteSigner, VerifySignature } from './signed-note.js';
import { utf8 } from './text-bytes.js';
import { HASH_BYTES, type Sha256 } from './tree-hash.js';
import { NOTE_ALGORITHMS, verifierKey, type VerifierKey } from './verifier-key.js';

/** What the last line of an export says of the lines above it. The README gives its JSON field by field. */
export interface ExportTrailer {
  /** The log's name, and the name of the keys that sign. */
  readonly origin: string;
  readonly stream: string;
  /** Absent for the deployment's own stream. */
  readonly organisationId?: string;
  readonly firstSeq: number;
  /** `firstSeq - 1` for an export without events. */
  readonly lastSeq: number;
  /** 64 hexadecimal digits: `prev_hash` of the first event; without events that of the event that would be first. */
  readonly prevHash: string;
  /** The root of the tree over the hashes of exactly the exported events. */
  readonly root: Uint8Array;
  /** RFC 3339 in UTC. */
  readonly exportedAt: string;
  /** The newest checkpoint of the log, a signed note. */
  readonly checkpoint?: string;
  /** An exported event's inclusion proof in the checkpoint's tree. The chain ties all before it to it. */
  readonly anchor?: ExportAnchor;
}

/** Ties an event to a checkpoint. */
export interface ExportAnchor {
  readonly seq: number;
  readonly proof: readonly Uint8Array[];
}

/** A trailer that a known key signed. */
export interface OpenedTrailer {
  readonly trailer: ExportTrailer;
  readonly signedBy: readonly VerifierKey[];
}

/** Why a trailer is none, or is not to be trusted. */
export type TrailerProblem = 'malformed_trailer' | 'bad_signature' | 'no_known_signer';

const VERSION = 1;
const PURPOSE = 'sallyport/export/1\n';
const SIGNATURE_BYTES = 64;

/** The trailer as a line, without its line feed: RFC 8785, signed by each of the signers in turn, whose name is the origin. */
export function signTrailer(trailer: ExportTrailer, signers: readonly NoteSigner[], sha256: Sha256): string {
  const keys = signers.map(({ name, publicKey }) => verifierKey(name, publicKey, sha256));
  const unsigned = trailerJson(trailer, keys);
  const message = signedBytes(unsigned);
  const signatures = signers.map((signer, at) => ({ key_id: keys[at]?.keyHash, signature: encodeBase64(signer.sign(message)) }));
  return canonicalJson({ ...unsigned, signatures });
}

/**
 * Reads a trailer whose line was canonical, and checks its signatures.
 *
 * @returns Refused when a known key's signature is wrong, and when no known key under the origin's name signed.
 */
export function openTrailer(line: JsonObject, keys: readonly VerifierKey[], verify: VerifySignature): Result<OpenedTrailer, TrailerProblem> {
  const { signatures, ...unsigned } = line;
  const trailer = parseTrailer(unsigned);
  if (trailer === undefined || !Array.isArray(signatures)) return refuse('malformed_trailer');
  const message = signedBytes(unsigned);
  const signedBy: VerifierKey[] = [];
  for (const each of signatures as readonly JsonValue[]) {
    const { key_id: keyId, signature } = isJsonObject(each) ? each : {};
    const bytes = typeof signature === 'string' ? decodeBase64(signature) : undefined;
    if (typeof keyId !== 'string' || bytes === undefined) return refuse('malformed_trailer');
    const key = keys.find(({ name, keyHash, algorithm }) => name === trailer.origin && keyHash === keyId && algorithm === NOTE_ALGORITHMS.ed25519);
    if (key === undefined) continue;
    if (bytes.length !== SIGNATURE_BYTES || !verify(key.publicKey, message, bytes)) return refuse('bad_signature');
    signedBy.push(key);
  }
  return signedBy.length === 0 ? refuse('no_known_signer') : ok({ trailer, signedBy });
}

/** Reads a trailer without its signatures; `undefined` when it is none of this version. Fields that are not known are passed over: they are signed. */
export function parseTrailer(line: JsonObject): ExportTrailer | undefined {
  const { sallyport_export: version, origin, stream, organisation_id: organisationId, first_seq: firstSeq, last_seq: lastSeq, count, prev_hash: prevHash, root: rootText } = line;
  const { exported_at: exportedAt, checkpoint, anchor: anchorJson } = line;
  const root = hashOfBase64(rootText);
  if (version !== VERSION || typeof origin !== 'string' || typeof stream !== 'string' || typeof exportedAt !== 'string') return undefined;
  if (!isCount(firstSeq) || (lastSeq !== 0 && !isCount(lastSeq)) || count !== lastSeq - firstSeq + 1 || count < 0 || !isHash(prevHash) || root === undefined) return undefined;
  const anchor = anchorJson === undefined ? undefined : parseAnchor(anchorJson);
  if ((anchorJson !== undefined && anchor === undefined) || !isOptionalText(checkpoint) || !isOptionalText(organisationId)) return undefined;
  const optional = { ...(organisationId === undefined ? {} : { organisationId }), ...(checkpoint === undefined ? {} : { checkpoint }), ...(anchor === undefined ? {} : { anchor }) };
  return { origin, stream, firstSeq, lastSeq, prevHash, root, exportedAt, ...optional };
}

function trailerJson(trailer: ExportTrailer, keys: readonly VerifierKey[]): JsonObject {
  const { origin, stream, organisationId, firstSeq, lastSeq, prevHash, root, exportedAt, checkpoint, anchor } = trailer;
  return {
    sallyport_export: VERSION,
    origin,
    stream,
    organisation_id: organisationId,
    first_seq: firstSeq,
    last_seq: lastSeq,
    count: lastSeq - firstSeq + 1,
    prev_hash: prevHash,
    root: encodeBase64(root),
    exported_at: exportedAt,
    checkpoint,
    anchor: anchor === undefined ? undefined : { seq: anchor.seq, proof: anchor.proof.map(encodeBase64) },
    key_ids: keys.map(({ keyHash }) => keyHash),
  };
}

function parseAnchor(json: JsonValue): ExportAnchor | undefined {
  if (!isJsonObject(json) || !isCount(json['seq']) || !Array.isArray(json['proof'])) return undefined;
  const proof = (json['proof'] as readonly JsonValue[]).map(hashOfBase64);
  return proof.every((hash) => hash !== undefined) ? { seq: json['seq'], proof } : undefined;
}

function hashOfBase64(text: JsonValue | undefined): Uint8Array | undefined {
  const bytes = typeof text === 'string' ? decodeBase64(text) : undefined;
  return bytes?.length === HASH_BYTES ? bytes : undefined;
}

function isOptionalText(value: JsonValue | undefined): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** The purpose on a line of its own before the canonical text, so that the signature says nothing anywhere else. */
function signedBytes(unsigned: JsonObject): Uint8Array {
  return utf8(PURPOSE + canonicalJson(unsigned));
}
