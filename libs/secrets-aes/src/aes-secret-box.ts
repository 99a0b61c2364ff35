import { randomBytes } from 'node:crypto';

import type { OrganisationId } from '@sallyport/kernel';
import { secretsFault, type SecretBox, type SecretContext } from '@sallyport/secrets';

import type { RootKey } from './root-key.js';
import { openBytes, sealBytes } from './sealed-bytes.js';

const WRAPPED_KEY_FORM = 'k1';
const SEALED_FORM = 's1';
const KEY_BYTES = 32;

/**
 * Envelope encryption with AES-256-GCM at each step: value ← data key ← organisation key ← root key.
 *
 *   wrapped organisation key   `k1.<base64url>`
 *   sealed value               `s1.<wrapped data key>.<ciphertext>`, each bound to its context
 */
export class AesSecretBox implements SecretBox {
  private readonly wrappingKey: Buffer;
  private readonly organisationKeys = new Map<string, Buffer>();

  constructor(root: RootKey) {
    this.wrappingKey = root.derive('sallyport/organisation-key/1');
  }

  newOrganisationKey(organisationId: OrganisationId): string {
    const sealed = sealBytes(this.wrappingKey, randomBytes(KEY_BYTES), `organisation-key|${organisationId}`);
    return `${WRAPPED_KEY_FORM}.${sealed.toString('base64url')}`;
  }

  seal(context: SecretContext, wrappedKey: string, plain: string): string {
    const dataKey = randomBytes(KEY_BYTES);
    const wrapped = sealBytes(this.organisationKey(context.organisationId, wrappedKey), dataKey, bound('data-key', context));
    const sealed = sealBytes(dataKey, Buffer.from(plain, 'utf8'), bound('value', context));
    return `${SEALED_FORM}.${wrapped.toString('base64url')}.${sealed.toString('base64url')}`;
  }

  open(context: SecretContext, wrappedKey: string, sealed: string): string {
    const [form, wrapped, value, ...rest] = sealed.split('.');
    if (form !== SEALED_FORM || wrapped === undefined || value === undefined || rest.length > 0) {
      throw secretsFault.cannot_open('not a sealed value');
    }
    const organisationKey = this.organisationKey(context.organisationId, wrappedKey);
    try {
      const dataKey = openBytes(organisationKey, Buffer.from(wrapped, 'base64url'), bound('data-key', context));
      return openBytes(dataKey, Buffer.from(value, 'base64url'), bound('value', context)).toString('utf8');
    } catch (cause) {
      throw secretsFault.cannot_open(`a sealed ${context.objectKind} ${context.field} does not open`, {}, cause);
    }
  }

  private organisationKey(organisationId: OrganisationId, wrappedKey: string): Buffer {
    const known = this.organisationKeys.get(`${organisationId}|${wrappedKey}`);
    if (known !== undefined) return known;
    const [form, sealed, ...rest] = wrappedKey.split('.');
    if (form !== WRAPPED_KEY_FORM || sealed === undefined || rest.length > 0) throw secretsFault.cannot_open('not a wrapped key');
    try {
      const key = openBytes(this.wrappingKey, Buffer.from(sealed, 'base64url'), `organisation-key|${organisationId}`);
      this.organisationKeys.set(`${organisationId}|${wrappedKey}`, key);
      return key;
    } catch (cause) {
      throw secretsFault.cannot_open('an organisation key does not open with this root key', {}, cause);
    }
  }
}

function bound(what: string, context: SecretContext): string {
  return JSON.stringify([what, context.organisationId, context.objectKind, context.objectId, context.field]);
}
