import { Inject, Injectable } from '@nestjs/common';
import type { GrantEnd } from '@sallyport/control-domain';
import { branded, ok, refuse, type EpochMs, type GrantId, type Result } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { identityRefusals } from '../../identities/identity-refusals.js';
import { labelsFromInput, type LabelInput } from '../../identities/labels-input.js';
import { findIdentity } from '../../identities/read/identity-queries.js';
import { policyRefusals } from '../../policies/policy-refusals.js';
import { findPolicy } from '../../policies/read/policy-queries.js';
import { findServer } from '../../servers/read/server-queries.js';
import { serverRefusals } from '../../servers/server-refusals.js';
import { endSaidTwice, grantRefusals } from '../grant-refusals.js';
import { decideOnGrant, type GrantIds } from './decide-on-grant.js';
import { mintGrantToken } from './mint-grant-token.js';

/** A new grant: identity, server and policy by id, name or slug. `expiresAt` RFC 3339, `expiresIn` milliseconds. */
export interface IssueGrantInput extends Asked {
  readonly identity: string;
  readonly server: string;
  readonly policy: string;
  readonly labels?: readonly LabelInput[] | null | undefined;
  readonly expiresAt?: string | null | undefined;
  readonly expiresIn?: number | null | undefined;
}

/** Lets an identity use a server under a policy. */
@Injectable()
export class IssueGrant {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(PART.hashes) private readonly hashes: KeyedHashes,
  ) {}

  /** Issues a grant; its token is the answer's secret. */
  run(input: IssueGrantInput, caller: Caller): Promise<Result<Committed<GrantIds>, Refusal>> {
    return this.runner.run<GrantIds>(askedCommand('issueGrant', input, caller), (session) => this.issue(session, input));
  }

  private async issue(session: CommandSession, input: IssueGrantInput): Promise<Result<Done<GrantIds>, Refusal>> {
    const { organisationId, rows, now } = session;
    const identity = await findIdentity(rows, organisationId, input.identity);
    if (identity === null) return refuse(refusalAt(identityRefusals, { code: 'identity.unknown', pointer: '/identity' }));
    const server = await findServer(rows, organisationId, input.server);
    if (server === null) return refuse(refusalAt(serverRefusals, { code: 'server.unknown', pointer: '/server' }));
    const policy = await findPolicy(rows, organisationId, input.policy);
    if (policy === null) return refuse(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: '/policy' }));
    const labels = labelsFromInput(input.labels);
    if (!labels.ok) return refuse(refusalAt(grantRefusals, { code: 'grant.label_invalid', pointer: labels.refusal }));
    const end = endFrom(input);
    if (!end.ok) return end;

    const grantId = newId<GrantId>(now);
    const { kept, secret } = mintGrantToken(identity.kind, this.hashes, now);
    const parties = { identityId: identity.identityId, serverId: server.serverId, policyId: policy.policyId };
    const decided = await decideOnGrant(session, grantId, { type: 'issue', grantId, ...parties, labels: labels.value, end: end.value, token: kept, now });
    return decided.ok ? ok({ ids: decided.value.ids, secret }) : decided;
  }
}

function endFrom({ expiresAt, expiresIn }: IssueGrantInput): Result<GrantEnd, Refusal> {
  const hasInstant = typeof expiresAt === 'string';
  const hasLength = typeof expiresIn === 'number';
  if (hasInstant && hasLength) return refuse(endSaidTwice);
  if (hasInstant) return ok({ at: branded<EpochMs>(Date.parse(expiresAt)) });
  return ok(hasLength ? { afterMs: expiresIn } : 'default');
}
