import { Inject, Injectable } from '@nestjs/common';
import type { SinkFilter } from '@sallyport/domain-events';
import { canonicalJson, isJsonObject, refuse, type JsonObject, type JsonValue, type Result, type SinkId } from '@sallyport/kernel';
import type { ExportFormat, SettingProblem, SinkConfiguration, SinkType } from '@sallyport/sinks';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { readHead } from '../../audit/store/audit-head.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { findSink } from '../read/find-sink.js';
import { SinkRow } from '../read/sink-row.entity.js';
import { isSameReceiver, SinkCatalogue } from '../sink-catalogue.js';
import { SinkOpener, type PlainCredential } from '../sink-opener.js';
import { orphanedType, rejection, sinkRefusals, unknownType } from '../sink-refusals.js';
import { decideOnSink, type SinkIds } from './decide-on-sink.js';

/** Which events go to a sink; what is left out lets all through. */
export interface SinkFilterInput {
  readonly types?: readonly string[] | null | undefined;
  readonly outcomes?: readonly string[] | null | undefined;
}
/** A new sink. */
export interface AddSinkInput extends Asked {
  readonly type: string;
  readonly name: string;
  readonly settings: unknown;
  readonly credentials?: readonly PlainCredential[] | null | undefined;
  readonly filter?: SinkFilterInput | null | undefined;
  readonly format?: ExportFormat | null | undefined;
  readonly formatVersion?: string | null | undefined;
  /** Left out: from now on. */
  readonly afterSeq?: number | null | undefined;
}

/** What shall change about a sink; what is left out stays. */
export interface ChangeSinkInput extends Asked {
  readonly sink: string;
  readonly settings?: unknown;
  readonly setCredentials?: readonly PlainCredential[] | null | undefined;
  readonly removeCredentials?: readonly string[] | null | undefined;
  readonly filter?: SinkFilterInput | null | undefined;
  readonly format?: ExportFormat | null | undefined;
  readonly formatVersion?: string | null | undefined;
}

type Answer = Promise<Result<Committed<SinkIds>, Refusal>>;
type Worked = Promise<Result<Done<SinkIds>, Refusal>>;

/** Adds sinks and changes what they send where. Nothing is sent by it. */
@Injectable()
export class SetUpSinks {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(SinkCatalogue) private readonly catalogue: SinkCatalogue,
    @Inject(SinkOpener) private readonly opener: SinkOpener,
  ) {}

  /** Adds a sink, which waits for the confirmation of its receiver, unless the operator's file is that. */
  async add(input: AddSinkInput, caller: Caller): Answer {
    const type = this.catalogue.find(input.type);
    if (type === undefined) return refuse(unknownType);
    return this.runner.run<SinkIds>(askedCommand('addSink', input, caller), (session) => this.added(session, input, type));
  }

  /** Changes a sink. */
  change(input: ChangeSinkInput, caller: Caller): Answer {
    return this.runner.run<SinkIds>(askedCommand('changeSink', input, caller), (session) => this.changed(session, input));
  }

  private async added(session: CommandSession, input: AddSinkInput, type: SinkType): Worked {
    const { organisationId, rows } = session;
    const organisation = await rows.findOneByOrFail(OrganisationRow, { organisationId });
    const given = input.credentials ?? [];
    const configuration: SinkConfiguration = {
      settings: objectOf(input.settings),
      credentials: Object.fromEntries(given.map(({ name, value }) => [name, value])),
      format: input.format ?? type.formats[0] ?? 'native',
      formatVersion: input.formatVersion ?? null,
    };
    const problems = isJsonObject(asJson(input.settings)) ? this.catalogue.problems(type, configuration, organisation) : NO_OBJECT;
    if (problems.length > 0) return refuse(rejection(placed(problems, given, '/credentials')));
    const sinkId = newId<SinkId>(session.now);
    const head = await readHead(rows, organisationId);
    const add = {
      type: 'add',
      sinkId,
      name: input.name,
      nameTaken: (await findSink(rows, organisationId, input.name)) !== null,
      others: await rows.countBy(SinkRow, { organisationId }),
      sinkType: type.name,
      settings: canonicalJson(configuration.settings),
      credentials: this.opener.seal({ organisationId, sinkId, wrappedKey: organisation.wrappedKey }, given),
      filter: filterOf(input.filter),
      format: configuration.format,
      formatVersion: configuration.formatVersion,
      afterSeq: Math.min(Math.max(Math.trunc(input.afterSeq ?? Infinity), 0), head?.size ?? 0),
    } as const;
    return decideOnSink(session, sinkId, this.catalogue.isAllowedByFile(type) ? [add, CONFIRMED_BY_FILE] : [add]);
  }

  private async changed(session: CommandSession, input: ChangeSinkInput): Worked {
    const { organisationId, rows } = session;
    const organisation = await rows.findOneByOrFail(OrganisationRow, { organisationId });
    const row = await findSink(rows, organisationId, input.sink);
    if (row === null) return refuse(refusalAt(sinkRefusals, { code: 'sink.unknown', pointer: '/sink' }));
    const type = this.catalogue.find(row.sinkType);
    if (type === undefined) return refuse(orphanedType);

    const before = this.opener.configurationOf(row, organisation);
    const after = changedConfiguration(before, input);
    const given = input.setCredentials ?? [];
    const isObject = isNothing(input.settings) || isJsonObject(asJson(input.settings));
    const problems = isObject ? this.catalogue.problems(type, after, organisation) : NO_OBJECT;
    if (problems.length > 0) return refuse(rejection(placed(problems, given, '/setCredentials')));
    const change = {
      type: 'change',
      settings: isNothing(input.settings) ? undefined : canonicalJson(after.settings),
      sameReceiver: isSameReceiver(type, before, after),
      setCredentials: this.opener.seal({ organisationId, sinkId: row.sinkId, wrappedKey: organisation.wrappedKey }, given),
      removeCredentials: input.removeCredentials ?? [],
      filter: isNothing(input.filter) ? undefined : filterOf(input.filter),
      format: input.format ?? undefined,
      formatVersion: input.formatVersion,
    } as const;
    return decideOnSink(session, row.sinkId, this.catalogue.isAllowedByFile(type) ? [change, CONFIRMED_BY_FILE] : [change]);
  }
}

const CONFIRMED_BY_FILE = { type: 'confirm', how: 'operator_file' } as const;
const NO_OBJECT: readonly SettingProblem[] = [{ pointer: '/settings', message: 'Write an object.' }];

function changedConfiguration(before: SinkConfiguration, input: ChangeSinkInput): SinkConfiguration {
  const removed = new Set(input.removeCredentials ?? []);
  const kept = Object.entries(before.credentials).filter(([name]) => !removed.has(name));
  const given = (input.setCredentials ?? []).map(({ name, value }) => [name, value] as const);
  return {
    settings: isNothing(input.settings) ? before.settings : objectOf(input.settings),
    credentials: Object.fromEntries([...kept, ...given]),
    format: input.format ?? before.format,
    formatVersion: input.formatVersion === undefined ? before.formatVersion : input.formatVersion,
  };
}

/** Problems point at credentials by name; the input has them in a list. */
function placed(problems: readonly SettingProblem[], given: readonly PlainCredential[], list: string): readonly SettingProblem[] {
  return problems.map(({ pointer, message }) => {
    const [, name] = /^\/credentials\/(.+)$/.exec(pointer) ?? [];
    if (name === undefined) return { pointer, message };
    const at = given.findIndex((credential) => credential.name === name);
    return { pointer: at < 0 ? list : `${list}/${at}`, message: `${name}: ${message}` };
  });
}

function filterOf(filter: SinkFilterInput | null | undefined): SinkFilter {
  return { types: filter?.types ?? [], outcomes: filter?.outcomes ?? [] };
}

/** GraphQL's JSON scalar has checked that it is JSON. */
function asJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value ?? null)) as JsonValue;
}

function objectOf(value: unknown): JsonObject {
  const json = asJson(value);
  return isJsonObject(json) ? json : {};
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
