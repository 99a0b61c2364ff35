import { createHmac } from 'node:crypto';

import { branded, type OrganisationId, type Sha256Hex } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';

import type { RootKey } from './root-key.js';

/** HMAC-SHA256 under keys derived from the root key: one pepper for tokens, one salt for each organisation. */
export class HmacKeyedHashes implements KeyedHashes {
  private readonly pepper: Buffer;
  private readonly salts = new Map<OrganisationId, Buffer>();

  constructor(private readonly root: RootKey) {
    this.pepper = root.derive('sallyport/token-pepper/1');
  }

  tokenHash(token: string): Sha256Hex {
    return branded<Sha256Hex>(createHmac('sha256', this.pepper).update(token, 'latin1').digest('hex'));
  }

  digest(organisationId: OrganisationId, canonicalText: string): Sha256Hex {
    return branded<Sha256Hex>(createHmac('sha256', this.saltOf(organisationId)).update(canonicalText, 'utf8').digest('hex'));
  }

  private saltOf(organisationId: OrganisationId): Buffer {
    const known = this.salts.get(organisationId);
    if (known !== undefined) return known;
    const salt = this.root.derive(`sallyport/digest-salt/1/${organisationId}`);
    this.salts.set(organisationId, salt);
    return salt;
  }
}
