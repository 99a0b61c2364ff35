import { createPrivateKey, type KeyObject } from 'node:crypto';

import { isJsonObject, ok, refuse, type EpochMs, type Result } from '@sallyport/kernel';
import { SignJWT } from 'jose';

/** What of a Google service account's key file is used. */
export interface ServiceAccount {
  readonly email: string;
  readonly keyId: string | null;
  readonly key: KeyObject;
  readonly tokenUri: string;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const LIFETIME_SECONDS = 3_600;

/** Reads a key file; the refusal is a sentence that says what to write, without anything of the file. */
export function readServiceAccount(file: string): Result<ServiceAccount, string> {
  const fields = jsonObject(file);
  if (fields === null) return refuse('Write the whole JSON key file of a service account.');
  const { client_email: email, private_key: pem, private_key_id: keyId, token_uri: tokenUri } = fields;
  if (typeof email !== 'string' || typeof pem !== 'string' || typeof tokenUri !== 'string') return refuse('The key file must have client_email, private_key and token_uri.');
  if (!URL.canParse(tokenUri) || !/^https?:$/.test(new URL(tokenUri).protocol)) return refuse('token_uri of the key file is no address.');
  const key = rsaKey(pem);
  return key === null ? refuse('private_key of the key file is no RSA key.') : ok({ email, keyId: typeof keyId === 'string' ? keyId : null, key, tokenUri });
}

/** A signed claim to be this account (RFC 7523), good for an hour. */
export function assertionOf({ email, keyId, key, tokenUri }: ServiceAccount, now: EpochMs): Promise<string> {
  const issued = Math.floor(now / 1_000);
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId === null ? {} : { kid: keyId }) })
    .setIssuer(email)
    .setAudience(tokenUri)
    .setIssuedAt(issued)
    .setExpirationTime(issued + LIFETIME_SECONDS)
    .sign(key);
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null; // the parser's sentence would quote the file
  }
}

function rsaKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : null;
  } catch {
    return null; // nothing of a key may be told
  }
}
