import { Inject, Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject, type JsonValue, type OrganisationId } from '@sallyport/kernel';
import type { AllowedSink, OperatorFile } from '@sallyport/operator-file';
import type { SettingProblem, SinkConfiguration, SinkType } from '@sallyport/sinks';
import { EgressGuard, type EgressScope } from '@sallyport/upstream';

import { PART } from '../../platform/parts.js';

/** Whose sink it is: the operator's file names organisations by id or slug. */
export interface SinkOwner {
  readonly organisationId: OrganisationId;
  readonly slug: string;
}

/** Kinds that only the operator's file opens, with the setting that it speaks of. */
const ALLOWED_BY_FILE = { file: 'directory', kafka: 'topic' } as const;

/** The kinds of sink there are, and which settings of them this deployment allows. */
@Injectable()
export class SinkCatalogue {
  readonly guard: EgressGuard;

  constructor(
    @Inject(PART.sinkTypes) readonly types: readonly SinkType[],
    @Inject(PART.operatorFile) private readonly file: OperatorFile,
  ) {
    this.guard = new EgressGuard(file.egress);
  }

  /** A kind by its name. */
  find(name: string): SinkType | undefined {
    return this.types.find((type) => type.name === name);
  }

  /** Whether the operator's file, rather than a challenge, says that the receiver may be sent to. */
  isAllowedByFile(type: SinkType): boolean {
    return type.name in ALLOWED_BY_FILE;
  }

  /** Every problem of what shall be sent where: the kind's own, then the operator's rules. */
  problems(type: SinkType, configuration: SinkConfiguration, owner: SinkOwner): readonly SettingProblem[] {
    const checked = type.check(configuration);
    if (!checked.ok) return checked.refusal;
    return [...this.notAllowed(type, configuration.settings, owner), ...this.notReachable(configuration.settings, owner)];
  }

  private notAllowed(type: SinkType, settings: JsonObject, owner: SinkOwner): readonly SettingProblem[] {
    if (type.name !== 'file' && type.name !== 'kafka') return [];
    const kind = type.name;
    const key = ALLOWED_BY_FILE[kind];
    const given = settings[key];
    if (typeof given === 'string' && this.file.sinks.some((entry) => isFor(entry, owner) && covers(entry, kind, given))) return [];
    return [{ pointer: `/settings/${key}`, message: `The machine's operator has to allow this ${key} for sinks first, in sallyport.yaml under \`sinks:\`.` }];
  }

  /** Addresses are judged by their form here, and again, resolved, whenever they are connected to. */
  private notReachable(settings: JsonObject, owner: SinkOwner): readonly SettingProblem[] {
    return Object.entries(settings).flatMap(([key, value]) => {
      if (typeof value !== 'string' || !/^https?:/i.test(value)) return [];
      const checked = this.guard.checkUrl(value, scopeOf(owner));
      return checked.ok ? [] : [{ pointer: `/settings/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, message: checked.refusal.message }];
    });
  }
}

/** For whom the egress guard judges. */
export function scopeOf({ organisationId, slug }: SinkOwner): EgressScope {
  return { organisationId, organisationSlug: slug };
}

function isFor({ organisations }: AllowedSink, { organisationId, slug }: SinkOwner): boolean {
  return organisations === undefined || organisations.includes(organisationId) || organisations.includes(slug);
}

function covers(entry: AllowedSink, kind: 'file' | 'kafka', given: string): boolean {
  if (entry.kind !== kind) return false;
  if (entry.kind === 'kafka') return entry.topic === given;
  const folder = entry.directory.replace(/\/+$/, '');
  return given === folder || given === `${folder}/` || (given.startsWith(`${folder}/`) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(given));
}

/**
 * Whether two configurations lead to the same receiver: the same shown destination, and no text among the settings that differs. Numbers
 * and switches, such as sizes of batches, lead nowhere else.
 */
export function isSameReceiver(type: SinkType, before: SinkConfiguration, after: SinkConfiguration): boolean {
  if (JSON.stringify(textsOf(before.settings)) !== JSON.stringify(textsOf(after.settings))) return false;
  return type.check(before).ok && type.check(after).ok && type.destination(before) === type.destination(after);
}

function textsOf(value: JsonValue): unknown {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((member: JsonValue) => textsOf(member));
  if (!isJsonObject(value)) return null;
  return Object.keys(value).sort().map((key) => [key, textsOf(value[key] ?? null)]).filter(([, texts]) => texts !== null);
}
