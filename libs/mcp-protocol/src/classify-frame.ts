import type { ProtocolEra } from '@sallyport/domain-events';
import { type Result, ok, refuse } from '@sallyport/kernel';

import type { Frame } from './frame.js';
import { type MethodClass, classifyMethod, nameSourceOf } from './methods.js';
import { decodeMirroredValue } from './mirrored-value.js';
import type { HeaderView } from './read-headers.js';
import type { Refusal, RefusalReason } from './refusal.js';
import { ASSUMED_REVISION, META_KEYS, PROTOCOL_REVISIONS, eraOf } from './revisions.js';
import { RPC_CODES } from './rpc-codes.js';

/** What a frame is, once its headers were found to say the same as its body. */
export interface Classified {
  readonly era: ProtocolEra;
  /** The revision in force: the header's, else the one legacy servers assume; for `initialize` the one it asks for, when it names one. */
  readonly protocolVersion: string;
  /** Never `unknown`: that is a refusal. */
  readonly methodClass: Exclude<MethodClass, 'unknown'>;
}

/**
 * Tells which era and what kind of message a frame is, and refuses what its headers contradict.
 *
 * The body decides; the headers are a cross-check. A request that carries `_meta` with a protocol version claims to be modern
 * and is held to every rule of 2026-07-28: complete `_meta` (−32602), equal and present mirror headers (−32020), a served
 * revision (−32022), a method of that revision (−32601); all HTTP 400 but the last, 404. Legacy requests need no mirror headers,
 * but one that is sent must agree too. Checks come in the order of that revision's reference servers, the earliest answers.
 *
 * @param served Revisions this endpoint serves, newest first. `data.supported` of −32022 names them, to a claim only those that can be claimed.
 */
export function classifyFrame(
  frame: Frame,
  headers: HeaderView,
  served: readonly string[] = PROTOCOL_REVISIONS,
): Result<Classified, Refusal> {
  const era = eraOfFrame(frame, headers);
  if (typeof era !== 'string') return refuse(era);
  const protocolVersion = revisionInForce(frame, headers);
  if (!isServed(frame, headers, served)) return refuse(unsupported(protocolVersion, offered(frame, served)));
  const disagreement = mirrorFault(frame, headers, era);
  if (disagreement !== undefined) return refuse(mismatch(disagreement));
  const methodClass = classOf(frame, era);
  if (methodClass === 'unknown') return refuse(unknownMethod(era));
  if (methodClass === 'response' && era === 'modern') return refuse(unexpectedResponse());
  const complaint = frame.kind === 'request' ? paramsFault(frame) : null;
  if (complaint !== null) return refuse(refusal(200, RPC_CODES.invalidParams, complaint, 'invalid_params'));
  return ok({ era, protocolVersion, methodClass });
}

function eraOfFrame(frame: Frame, headers: HeaderView): ProtocolEra | Refusal {
  const named = headers.protocolVersion;
  const headerIsModern = named !== null && eraOf(named) === 'modern';
  if (frame.kind === 'response') return headerIsModern ? 'modern' : 'legacy';
  if (frame.method === 'initialize' && !claimsModern(frame)) {
    return headerIsModern ? mismatch('initialize belongs to the older revisions, the version header does not') : 'legacy';
  }
  if (!frame.meta.claimsRevision) {
    if (!headerIsModern || frame.kind === 'notification') return headerIsModern ? 'modern' : 'legacy';
    return missingMeta(META_KEYS.protocolVersion);
  }
  if (frame.meta.protocolVersion === null) return missingMeta(META_KEYS.protocolVersion);
  if (frame.kind === 'request' && !frame.meta.hasClientCapabilities) return missingMeta(META_KEYS.clientCapabilities);
  if (named !== null && named !== frame.meta.protocolVersion) return mismatch('MCP-Protocol-Version is not what the body says');
  return 'modern';
}

function claimsModern(frame: Frame): boolean {
  const { protocolVersion, hasClientCapabilities } = frame.meta;
  return protocolVersion !== null && hasClientCapabilities && eraOf(protocolVersion) === 'modern';
}

function revisionInForce(frame: Frame, headers: HeaderView): string {
  if (frame.meta.protocolVersion !== null) return frame.meta.protocolVersion;
  const asked = frame.method === 'initialize' ? frame.askedVersion : null;
  return asked ?? headers.protocolVersion ?? ASSUMED_REVISION;
}

/** A version named in `initialize` is negotiated, a missing one is assumed: both need only some legacy revision. A claim must be modern, because no legacy revision has it. */
function isServed(frame: Frame, headers: HeaderView, served: readonly string[]): boolean {
  const claimed = frame.meta.protocolVersion;
  if (claimed !== null && (frame.method !== 'initialize' || claimsModern(frame))) return eraOf(claimed) === 'modern' && served.includes(claimed);
  if (frame.method === 'initialize' || headers.protocolVersion === null) return served.some((revision) => eraOf(revision) === 'legacy');
  return served.includes(headers.protocolVersion);
}

/** What a client can turn to. To a claim that is a modern revision; where none is served, the older ones say that it has to begin with `initialize`. */
function offered(frame: Frame, served: readonly string[]): readonly string[] {
  const claimable = frame.meta.protocolVersion === null ? [] : served.filter((revision) => eraOf(revision) === 'modern');
  return claimable.length > 0 ? claimable : served;
}

/** What disagrees between the mirror headers and the body, as a sentence, or `undefined`. */
function mirrorFault(frame: Frame, headers: HeaderView, era: ProtocolEra): string | undefined {
  if (frame.kind === 'response') return undefined;
  const required = era === 'modern' && frame.kind === 'request';
  if (required && headers.protocolVersion === null) return 'MCP-Protocol-Version is missing';
  if (headers.mcpMethod === null ? required : headers.mcpMethod !== frame.method) return 'Mcp-Method is missing or not the method of the body';
  const source = nameSourceOf(frame.method);
  if (source === undefined) return undefined;
  const inBody = frame[source];
  if (headers.mcpName === null) return required && inBody !== null ? `Mcp-Name is missing beside params.${source}` : undefined;
  const decoded = decodeMirroredValue(headers.mcpName);
  if (decoded === undefined) return 'Mcp-Name is not valid base64 of UTF-8';
  return decoded === inBody ? undefined : `Mcp-Name is not params.${source} of the body`;
}

function classOf(frame: Frame, era: ProtocolEra): MethodClass {
  return frame.kind === 'request' ? classifyMethod(frame.method, era) : frame.kind;
}

function paramsFault(frame: Frame): string | null {
  if (frame.invalidParams !== null) return `Invalid params: ${frame.invalidParams}.`;
  if (frame.method === 'tools/call' && frame.name === null) return 'Invalid params: params.name is missing.';
  if (frame.method === 'tools/list' && frame.cursor !== null) return 'Invalid params: this list has one page, the cursor is not one of it.';
  return null;
}

function refusal(httpStatus: number, rpcCode: number, message: string, reason: RefusalReason): Refusal {
  return { httpStatus, rpcCode, message, reason };
}

function mismatch(what: string): Refusal {
  return refusal(400, RPC_CODES.headerMismatch, `Headers and body disagree: ${what}.`, 'header_mismatch');
}

function missingMeta(key: string): Refusal {
  return {
    ...refusal(400, RPC_CODES.invalidParams, `Invalid params: _meta lacks a valid ${key}.`, 'missing_meta'),
    data: { missing: [key] },
  };
}

function unsupported(requested: string, served: readonly string[]): Refusal {
  return {
    ...refusal(400, RPC_CODES.unsupportedProtocolVersion, 'Unsupported protocol version.', 'unsupported_version'),
    data: { supported: [...served], requested },
  };
}

function unknownMethod(era: ProtocolEra): Refusal {
  return refusal(era === 'modern' ? 404 : 200, RPC_CODES.methodNotFound, 'Method not found', 'unknown_method');
}

function unexpectedResponse(): Refusal {
  return refusal(400, RPC_CODES.invalidRequest, 'This revision has no requests to a client, so no responses from one.', 'response_not_expected');
}
