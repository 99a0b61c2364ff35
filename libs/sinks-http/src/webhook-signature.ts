import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** What is signed of a message: its id, the second of this attempt, its bytes. */
export interface WebhookMessage {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: Uint8Array;
}

/** Signs messages with one key; the answer is one entry of `webhook-signature`. */
export type WebhookSigner = (message: WebhookMessage) => string;

/**
 * Reads a signing key in its text form (Standard Webhooks, "Signature scheme"): `whsk_` and the base64 of an ed25519 seed (32 bytes, or 64 with the
 * public key behind it) signs `v1a`; `whsec_` and the base64 of 24 to 64 bytes signs `v1`, HMAC-SHA256. Null for anything else.
 */
export function webhookSigner(key: string): WebhookSigner | null {
  if (key.startsWith(PRIVATE)) {
    const seed = seedOf(key);
    return seed === null ? null : ed25519Signer(privateKey(seed));
  }
  const secret = key.startsWith(SHARED) ? bytesOf(key.slice(SHARED.length)) : null;
  return secret === null || secret.length < 24 || secret.length > 64 ? null : hmacSigner(secret);
}

/** The public half of a `whsk_` key, in the form that the receiver is given: `whpk_` and base64. Null for what is no such key. */
export function webhookPublicKey(key: string): string | null {
  const seed = key.startsWith(PRIVATE) ? seedOf(key) : null;
  return seed === null ? null : `${PUBLIC}${rawPublicKey(privateKey(seed)).toString('base64')}`;
}

/** A fresh ed25519 signing key in its text form; `webhookPublicKey` gives its public half. */
export function newWebhookKey(): string {
  const { privateKey: fresh } = generateKeyPairSync('ed25519');
  const seed = Buffer.from(fresh.export({ format: 'jwk' }).d ?? '', 'base64url');
  return `${PRIVATE}${Buffer.concat([seed, rawPublicKey(fresh)]).toString('base64')}`;
}

const PRIVATE = 'whsk_';
const PUBLIC = 'whpk_';
const SHARED = 'whsec_';
const SEED_BYTES = 32;
const PKCS8_OF_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');

function ed25519Signer(key: KeyObject): WebhookSigner {
  return (message) => `v1a,${sign(null, signedBytes(message), key).toString('base64')}`;
}

function hmacSigner(secret: Uint8Array): WebhookSigner {
  return (message) => `v1,${createHmac('sha256', secret).update(signedBytes(message)).digest('base64')}`;
}

function signedBytes({ id, timestampSeconds, body }: WebhookMessage): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestampSeconds}.`), body]);
}

/** A public key behind the seed must be the seed's own: another would be a key that was pasted together. */
function seedOf(key: string): Buffer | null {
  const bytes = bytesOf(key.slice(PRIVATE.length));
  if (bytes === null || (bytes.length !== SEED_BYTES && bytes.length !== 2 * SEED_BYTES)) return null;
  const seed = bytes.subarray(0, SEED_BYTES);
  return bytes.length === SEED_BYTES || rawPublicKey(privateKey(seed)).equals(bytes.subarray(SEED_BYTES)) ? seed : null;
}

function privateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_OF_SEED, seed]), format: 'der', type: 'pkcs8' });
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url');
}

function bytesOf(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
