import { Inject, Injectable } from '@nestjs/common';
import type { SealedCredential } from '@sallyport/domain-events';
import type { Clock, JsonObject, OrganisationId, Scheduler, SinkId } from '@sallyport/kernel';
import type { SecretBox, SecretContext } from '@sallyport/secrets';
import { EXPORT_FORMATS, type ExportFormat, type Sink, type SinkConfiguration, type SinkTools, type SinkType } from '@sallyport/sinks';
import { guardedNetwork } from '@sallyport/upstream';

import { PART } from '../../platform/parts.js';
import type { OrganisationRow } from '../organisations/read/organisation-row.entity.js';
import type { SinkRow } from './read/sink-row.entity.js';
import { scopeOf, SinkCatalogue, type SinkOwner } from './sink-catalogue.js';

/** Whose key seals a credential, and which sink it belongs to. */
export interface CredentialOwner {
  readonly organisationId: OrganisationId;
  readonly sinkId: SinkId;
  /** The organisation's key, wrapped. */
  readonly wrappedKey: string;
}

/** A credential in the clear. */
export interface PlainCredential {
  readonly name: string;
  readonly value: string;
}

/** Seals and opens sinks' credentials, and opens sinks with them: the only place where they are in the clear. */
@Injectable()
export class SinkOpener {
  constructor(
    /** The kinds of sink that can be opened. */
    @Inject(SinkCatalogue) readonly catalogue: SinkCatalogue,
    @Inject(PART.secretBox) private readonly box: SecretBox,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
  ) {}

  /** Credentials as events carry them: opened by nobody but a holder of the root key, for this sink and this name. */
  seal(owner: CredentialOwner, credentials: readonly PlainCredential[]): readonly SealedCredential[] {
    return credentials.map(({ name, value }) => ({ name, sealedValue: this.box.seal(contextOf(owner, name), owner.wrappedKey, value) }));
  }

  /**
   * A sink's configuration with its credentials in the clear: use it and let it go.
   *
   * @throws {Fault} `secrets.cannot_open` when a credential is not this deployment's.
   */
  configurationOf(row: SinkRow, { wrappedKey }: Pick<OrganisationRow, 'wrappedKey'>): SinkConfiguration {
    const { organisationId, sinkId, formatVersion } = row;
    const owner = { organisationId, sinkId, wrappedKey };
    const credentials = Object.fromEntries(sealsOf(row).map(([name, sealed]) => [name, this.box.open(contextOf(owner, name), wrappedKey, sealed)]));
    return { settings: settingsOf(row), credentials, format: formatOf(row), formatVersion };
  }

  /** Opens a sink; who opened it closes it. Nothing is connected yet. */
  open(type: SinkType, configuration: SinkConfiguration, sink: { readonly sinkId: SinkId; readonly owner: SinkOwner }): Sink {
    return type.open(configuration, this.toolsOf(sink.sinkId, sink.owner));
  }

  /** What a sink of an organisation is opened with. */
  toolsOf(sinkId: SinkId, owner: SinkOwner): SinkTools {
    const { organisationId } = owner;
    const network = guardedNetwork(this.catalogue.guard, scopeOf(owner));
    return { network, clock: this.clock, scheduler: this.scheduler, random: Math.random, sinkId, organisationId };
  }
}

/** The settings of a row, which were an object when they came in. */
export function settingsOf({ settings }: Pick<SinkRow, 'settings'>): JsonObject {
  return JSON.parse(settings) as JsonObject;
}

/** The format of a row; one that this version no longer knows fails the check of its kind. */
export function formatOf({ format }: Pick<SinkRow, 'format'>): ExportFormat {
  return EXPORT_FORMATS.find((known) => known === format) ?? 'native';
}

function sealsOf({ credentialSeals }: SinkRow): readonly (readonly [name: string, sealed: string])[] {
  return JSON.parse(credentialSeals) as readonly (readonly [string, string])[];
}

function contextOf({ organisationId, sinkId }: CredentialOwner, name: string): SecretContext {
  return { organisationId, objectKind: 'sink', objectId: sinkId, field: `credential:${name}` };
}
