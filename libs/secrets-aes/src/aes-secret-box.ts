import { randomBytes } from 'node:crypto';

import { isFault, type OrganisationId } from '@sallyport/kernel';
import { secretsFault, type SecretBox, type SecretContext, type SubjectKey } from '@sallyport/secrets';

import type { RootKey } from './root-key.js';
import { openBytes, sealBytes } from './sealed-bytes.js';

const WRAPPED_KEY_FORM = 'k1';
const SUBJECT_KEY_FORM = 'u1';
const SEALED_FORM = 's1';
const HANDED_OVER_FORM = 's2';
const KEY_BYTES = 32;

/** Two wrapped keys, one under the other. */
interface SubjectKeys {
  readonly wrappedKey: string;
  readonly subject: SubjectKey;
}

/**
 * Envelope encryption with AES-256-GCM at each step: value ← data key ← organisation key ← root key, or value ← data key ← subject's
 * key ← organisation key ← root key.
 *
 *   wrapped organisation key   `k1.<base64url>`
 *   wrapped key of a subject   `u1.<base64url>`, bound to organisation and key id; kept unwrapped nowhere
 *   sealed value               `s1.<wrapped data key>.<ciphertext>`, each bound to its context
 *   of a subject               `s2.<key id>.<wrapped data key>.<ciphertext>`
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
    const [wrapped, value] = partsOf(sealed, SEALED_FORM, 2);
    return opened(context, this.organisationKey(context.organisationId, wrappedKey), { wrapped, value, bound: bound('data-key', context) });
  }

  newSubjectKey(organisationId: OrganisationId, keyId: string, wrappedKey: string): SubjectKey {
    const sealed = sealBytes(this.organisationKey(organisationId, wrappedKey), randomBytes(KEY_BYTES), boundSubject(organisationId, keyId));
    return { organisationId, keyId, wrapped: `${SUBJECT_KEY_FORM}.${sealed.toString('base64url')}` };
  }

  handOver(context: SecretContext, { wrappedKey, subject }: SubjectKeys, sealed: string): string {
    const [wrapped = '', value] = partsOf(sealed, SEALED_FORM, 2);
    const dataKey = unsealed(context, () => openBytes(this.organisationKey(context.organisationId, wrappedKey), Buffer.from(wrapped, 'base64url'), bound('data-key', context)));
    const rewrapped = sealBytes(this.subjectKey(subject, wrappedKey), dataKey, boundDataKey(context, subject));
    return `${HANDED_OVER_FORM}.${subject.keyId}.${rewrapped.toString('base64url')}.${value}`;
  }

  subjectKeyOf(sealed: string): string | undefined {
    const [form, keyId, ...rest] = sealed.split('.');
    return form === HANDED_OVER_FORM && rest.length === 2 ? keyId : undefined;
  }

  openOfSubject(context: SecretContext, { wrappedKey, subject }: SubjectKeys, sealed: string): string {
    const [keyId, wrapped, value] = partsOf(sealed, HANDED_OVER_FORM, 3);
    if (keyId !== subject.keyId) throw secretsFault.cannot_open('sealed under another key of a subject');
    return opened(context, this.subjectKey(subject, wrappedKey), { wrapped, value, bound: boundDataKey(context, subject) });
  }

  /** Unwrapped each time: a key that was destroyed must not live on in this process. */
  private subjectKey({ organisationId, keyId, wrapped }: SubjectKey, wrappedKey: string): Buffer {
    const [sealed = ''] = partsOf(wrapped, SUBJECT_KEY_FORM, 1);
    const organisationKey = this.organisationKey(organisationId, wrappedKey);
    try {
      return openBytes(organisationKey, Buffer.from(sealed, 'base64url'), boundSubject(organisationId, keyId));
    } catch (cause) {
      throw secretsFault.cannot_open("a subject's key does not open with its organisation's", {}, cause);
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

interface SealedParts {
  readonly wrapped: string | undefined;
  readonly value: string | undefined;
  /** What the data key is bound to. */
  readonly bound: string;
}

function opened(context: SecretContext, key: Buffer, { wrapped = '', value = '', bound: boundTo }: SealedParts): string {
  return unsealed(context, () => {
    const dataKey = openBytes(key, Buffer.from(wrapped, 'base64url'), boundTo);
    return openBytes(dataKey, Buffer.from(value, 'base64url'), bound('value', context)).toString('utf8');
  });
}

function unsealed<Value>(context: SecretContext, open: () => Value): Value {
  try {
    return open();
  } catch (cause) {
    if (isFault(cause, 'secrets.cannot_open')) throw cause;
    throw secretsFault.cannot_open(`a sealed ${context.objectKind} ${context.field} does not open`, {}, cause);
  }
}

/** What stands between the dots after the form. */
function partsOf(text: string, form: string, count: number): readonly string[] {
  const [found, ...parts] = text.split('.');
  if (found !== form || parts.length !== count) throw secretsFault.cannot_open('not a sealed value of this form');
  return parts;
}

function boundSubject(organisationId: OrganisationId, keyId: string): string {
  return JSON.stringify(['subject-key', organisationId, keyId]);
}

function boundDataKey(context: SecretContext, { keyId }: SubjectKey): string {
  return JSON.stringify(['data-key', bound('of-subject', context), keyId]);
}
