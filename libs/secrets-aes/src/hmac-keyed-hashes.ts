import { branded, type OrganisationId, type Sha256Hex } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';

import { hmacSha256 } from './hmac-sha256.js';
import type { RootKey } from './root-key.js';

/** HMAC-SHA256 under keys derived from the root key: one pepper for tokens, one salt for each organisation. */
export class HmacKeyedHashes implements KeyedHashes {
  private readonly hashToken: (text: string) => string;
  private readonly digests = new Map<OrganisationId, (text: string) => string>();

  constructor(private readonly root: RootKey) {
    this.hashToken = hmacSha256(root.derive('sallyport/token-pepper/1'));
  }

  tokenHash(token: string): Sha256Hex {
    return branded<Sha256Hex>(this.hashToken(token));
  }

  digest(organisationId: OrganisationId, canonicalText: string): Sha256Hex {
    return branded<Sha256Hex>(this.digestOf(organisationId)(canonicalText));
  }

  private digestOf(organisationId: OrganisationId): (text: string) => string {
    const known = this.digests.get(organisationId);
    if (known !== undefined) return known;
    const made = hmacSha256(this.root.derive(`sallyport/digest-salt/1/${organisationId}`));
    this.digests.set(organisationId, made);
    return made;
  }
}
