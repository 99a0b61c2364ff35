import { Inject, Injectable } from '@nestjs/common';
import type { GrantCommand } from '@sallyport/control-domain';
import { ok, refuse, type GrantId, type Result } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { parseId } from '../../../platform/parse-id.js';
import { PART } from '../../../platform/parts.js';
import { IdentityRow } from '../../identities/read/identity-row.entity.js';
import { policyRefusals } from '../../policies/policy-refusals.js';
import { findPolicy } from '../../policies/read/policy-queries.js';
import { grantRefusals } from '../grant-refusals.js';
import { decideOnGrant, loadGrant, type GrantIds } from './decide-on-grant.js';
import { mintGrantToken } from './mint-grant-token.js';

/** A grant, by id. */
interface GrantRefInput extends Asked {
  readonly grant: string;
}
/** A grant that gets a new token; `overlap` in milliseconds. */
export interface RotateGrantTokenInput extends GrantRefInput {
  readonly overlap: number;
}
/** A grant that ends. */
export interface RevokeGrantInput extends GrantRefInput {
  readonly reason?: string | null | undefined;
}
/** A grant and the policy, by id or name, that it shall follow. */
export interface AttachPolicyInput extends GrantRefInput {
  readonly policy: string;
}

/** A grant whose token was replaced, and until when the token before is honoured, RFC 3339. */
export type RotatedIds = GrantIds & { readonly previousValidUntil: string };

type Answer = Promise<Result<Committed<GrantIds>, Refusal>>;
type Decided = Promise<Result<Done<GrantIds>, Refusal>>;

/** Changes grants. */
@Injectable()
export class ChangeGrants {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(PART.hashes) private readonly hashes: KeyedHashes,
  ) {}

  /** Gives a grant a new token, which is the answer's secret. */
  rotate(input: RotateGrantTokenInput, caller: Caller): Promise<Result<Committed<RotatedIds>, Refusal>> {
    return this.runner.run<RotatedIds>(askedCommand('rotateGrantToken', input, caller), (session) => this.rotated(session, input));
  }

  /** Stops a grant for good. */
  revoke(input: RevokeGrantInput, caller: Caller): Answer {
    return this.runner.run<GrantIds>(askedCommand('revokeGrant', input, caller), (session) => onGrant(session, input.grant, { type: 'revoke', reason: input.reason ?? '' }));
  }

  /** Lets a grant follow another policy. */
  attach(input: AttachPolicyInput, caller: Caller): Answer {
    return this.runner.run<GrantIds>(askedCommand('attachPolicy', input, caller), async (session) => {
      const policy = await findPolicy(session.rows, session.organisationId, input.policy);
      if (policy === null) return refuse(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: '/policy' }));
      return onGrant(session, input.grant, { type: 'attach-policy', policyId: policy.policyId, now: session.now });
    });
  }

  private async rotated(session: CommandSession, input: RotateGrantTokenInput): Promise<Result<Done<RotatedIds>, Refusal>> {
    const grantId = parseId<GrantId>(input.grant);
    const grant = grantId === undefined ? undefined : await loadGrant(session, grantId);
    if (grantId === undefined || grant === undefined || grant.status === 'absent') return refuse(UNKNOWN);
    const { organisationId, rows, now } = session;
    const { kind } = await rows.findOneByOrFail(IdentityRow, { organisationId, identityId: grant.identityId });
    const { kept, secret } = mintGrantToken(kind, this.hashes, now);
    const decided = await decideOnGrant(session, grantId, { type: 'rotate-token', token: kept, overlapMs: input.overlap, now });
    if (!decided.ok) return decided;
    const rotation = decided.value.facts.find((fact) => fact.type === 'grant.token_rotated');
    return ok({ ids: { grantId, previousValidUntil: rotation?.data.previousValidUntil ?? grant.expiresAt }, secret });
  }
}

const UNKNOWN = refusalAt(grantRefusals, { code: 'grant.unknown', pointer: '/grant' });

async function onGrant(session: CommandSession, named: string, command: GrantCommand): Decided {
  const grantId = parseId<GrantId>(named);
  return grantId === undefined ? refuse(UNKNOWN) : decideOnGrant(session, grantId, command);
}
