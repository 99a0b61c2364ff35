import { createHash } from 'node:crypto';

import type { CheckedDocument } from '@sallyport/control-domain';
import { branded, canonicalJson, isJsonObject, ok, type Result, type Sha256Hex } from '@sallyport/kernel';
import { parsePolicy, readJson, type PolicyDocument, type PolicyFinding } from '@sallyport/policy-engine';

/** A document without errors: as the engine reads it, and as it is published. */
export interface PublishableDocument {
  readonly document: PolicyDocument;
  readonly checked: CheckedDocument;
}

/** The JSON text of a document given as text or as an object. */
export function documentText(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

/** Checks a document's text, and hashes its RFC 8785 form, so that white space and key order make no new version. */
export function checkDocument(text: string): Result<PublishableDocument, readonly PolicyFinding[]> {
  const document = parsePolicy(text);
  if (!document.ok) return document;
  const value = readJson(text);
  if (!value.ok) return value;
  return ok({ document: document.value, checked: { document: text, documentHash: sha256(canonicalJson(value.value)) } });
}

/** A published document in enforce mode: the very text, unless it says `shadow`. */
export function enforcedText(published: string): string {
  const read = readJson(published);
  if (!read.ok || !isJsonObject(read.value) || read.value['mode'] !== 'shadow') return published;
  return canonicalJson({ ...read.value, mode: undefined });
}

function sha256(text: string): Sha256Hex {
  return branded<Sha256Hex>(createHash('sha256').update(text).digest('hex'));
}
