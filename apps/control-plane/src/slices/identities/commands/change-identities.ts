import { Inject, Injectable } from '@nestjs/common';
import { decideIdentity, evolveIdentity, noIdentity, type IdentityCommand } from '@sallyport/control-domain';
import type { IdentityKind } from '@sallyport/domain-events';
import { ok, refuse, type IdentityId, type JsonObject, type Result } from '@sallyport/kernel';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { identityRefusals } from '../identity-refusals.js';
import { labelsFromInput, type LabelInput } from '../labels-input.js';
import { findIdentity } from '../read/identity-queries.js';

/** A new identity. */
export interface CreateIdentityInput extends Asked {
  readonly name: string;
  readonly kind: IdentityKind;
  readonly labels?: readonly LabelInput[] | null | undefined;
  readonly groups?: readonly string[] | null | undefined;
}
/** An identity, by id or name. */
export interface IdentityRefInput extends Asked {
  readonly identity: string;
}
/** An identity and all the labels it shall have. */
export interface RelabelIdentityInput extends IdentityRefInput {
  readonly labels: readonly LabelInput[];
}
/** An identity and all the groups it shall be in. */
export interface RegroupIdentityInput extends IdentityRefInput {
  readonly groups: readonly string[];
}

/** The identity a command was about. */
export type IdentityIds = JsonObject & { readonly identityId: IdentityId };
type Answer = Promise<Result<Committed<IdentityIds>, Refusal>>;
type Decided = Promise<Result<Done<IdentityIds>, Refusal>>;

/** Creates and changes identities. */
@Injectable()
export class ChangeIdentities {
  constructor(@Inject(CommandRunner) private readonly runner: CommandRunner) {}

  /** Creates an identity under a name that none has. */
  create(input: CreateIdentityInput, caller: Caller): Answer {
    return this.runner.run<IdentityIds>(askedCommand('createIdentity', input, caller), async (session) => {
      const labels = labelsFromInput(input.labels);
      if (!labels.ok) return refuse(refusalAt(identityRefusals, { code: 'identity.label_invalid', pointer: labels.refusal }));
      const identityId = newId<IdentityId>(session.now);
      const { name, kind } = input;
      const nameTaken = (await findIdentity(session.rows, session.organisationId, name)) !== null;
      return this.decide(session, identityId, { type: 'create', identityId, name, nameTaken, kind, labels: labels.value, groups: input.groups ?? [] });
    });
  }

  /** Replaces an identity's labels. */
  relabel(input: RelabelIdentityInput, caller: Caller): Answer {
    return this.runner.run<IdentityIds>(askedCommand('relabelIdentity', input, caller), async (session) => {
      const labels = labelsFromInput(input.labels);
      if (!labels.ok) return refuse(refusalAt(identityRefusals, { code: 'identity.label_invalid', pointer: labels.refusal }));
      return this.onIdentity(session, input.identity, { type: 'relabel', labels: labels.value });
    });
  }

  /** Replaces the groups an identity is in. */
  regroup(input: RegroupIdentityInput, caller: Caller): Answer {
    const { groups } = input;
    return this.runner.run<IdentityIds>(askedCommand('regroupIdentity', input, caller), (session) => this.onIdentity(session, input.identity, { type: 'regroup', groups }));
  }

  /** Has every call of the identity's grants refused. */
  disable(input: IdentityRefInput, caller: Caller): Answer {
    return this.runner.run<IdentityIds>(askedCommand('disableIdentity', input, caller), (session) => this.onIdentity(session, input.identity, { type: 'disable' }));
  }

  /** Honours the identity's grants again. */
  enable(input: IdentityRefInput, caller: Caller): Answer {
    return this.runner.run<IdentityIds>(askedCommand('enableIdentity', input, caller), (session) => this.onIdentity(session, input.identity, { type: 'enable' }));
  }

  private async onIdentity(session: CommandSession, named: string, command: IdentityCommand): Decided {
    const row = await findIdentity(session.rows, session.organisationId, named);
    if (row === null) return refuse(refusalAt(identityRefusals, { code: 'identity.unknown', pointer: '/identity' }));
    return this.decide(session, row.identityId, command);
  }

  private async decide(session: CommandSession, identityId: IdentityId, command: IdentityCommand): Decided {
    const object = { kind: 'identity', id: identityId } as const;
    const { state, version } = await session.load(object, { initial: noIdentity, evolve: evolveIdentity });
    const decided = decideIdentity(command, state);
    if (!decided.ok) return refuse(refusalAt(identityRefusals, decided.refusal));
    session.append(object, version, decided.value);
    return ok({ ids: { identityId } });
  }
}
