import { Inject, Injectable } from '@nestjs/common';
import { checkpointOrigin, verifierKey, type NoteSigner, type VerifierKey } from '@sallyport/audit-chain';
import type { OrganisationId } from '@sallyport/kernel';
import type { RecordSigner, RotatingKeys } from '@sallyport/secrets';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { streamOf } from '../store/audit-head.js';
import { sha256 } from '../store/sha256.js';

/** Names streams and keys as signed notes do: `sallyport/<deployment>/<organisation>`. */
@Injectable()
export class AuditDeployment {
  private known: Promise<string> | undefined;

  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.auditKeys) private readonly keys: RotatingKeys,
  ) {}

  /** The deployment's id, made with its database: a UUID. */
  id(): Promise<string> {
    return (this.known ??= this.read().catch((caught: unknown) => {
      this.known = undefined;
      throw caught;
    }));
  }

  /** The name of an organisation's stream in notes, and of the keys that sign them. */
  async originOf(organisationId: OrganisationId): Promise<string> {
    return checkpointOrigin(await this.id(), streamOf(organisationId));
  }

  /** The keys that sign now under a name, the newest first. */
  signers(name: string): readonly NoteSigner[] {
    const previous = this.keys.previous();
    return [this.keys.current(), ...(previous === undefined ? [] : [previous])].map((signer) => noteSigner(name, signer));
  }

  /** Every key that ever signed here, and those that sign in this process, as a verifier takes them, the newest first. */
  async verifierKeys(name: string): Promise<readonly VerifierKey[]> {
    const rows = await this.dataSource.query<{ public_key: Buffer }[]>('SELECT public_key FROM audit_keys ORDER BY announced_at DESC, key_id');
    const known = rows.map((row) => verifierKey(name, row.public_key, sha256));
    const own = this.signers(name).map((signer) => verifierKey(name, signer.publicKey, sha256));
    return [...own.filter((key) => !known.some(({ keyHash }) => keyHash === key.keyHash)), ...known];
  }

  private async read(): Promise<string> {
    const [row] = await this.dataSource.query<{ deployment_id: string }[]>('SELECT deployment_id FROM audit_deployment');
    if (row === undefined) throw new Error('the deployment has no id: its row in audit_deployment was removed');
    return row.deployment_id;
  }
}

/** A signer under the name that its notes carry. */
export function noteSigner(name: string, signer: RecordSigner): NoteSigner {
  return { name, publicKey: signer.publicKey, sign: (bytes) => signer.sign(bytes) };
}
