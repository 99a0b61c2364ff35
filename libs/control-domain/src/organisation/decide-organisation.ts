import type { OrganisationCreated, OrganisationSettings, OrganisationSettingsChanged } from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { isName } from '../member/decide-member.js';
import type { Organisation } from './organisation.js';

/** What a new organisation starts with, besides its name. Seconds where the name says so. */
export const DEFAULT_SETTINGS: Omit<OrganisationSettings, 'name'> = {
  auditDurability: 'disk',
  freshnessMode: 'strict',
  failStaticMaxAgeSeconds: 3_600,
};

/** Bounds of `failStaticMaxAgeSeconds`: not below the age at which strict organisations deny, and a week. */
export const FAIL_STATIC_SECONDS = { least: 5, most: 7 * 24 * 3_600 } as const;

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A change of one organisation. `slugTaken`: another organisation of the deployment has the slug. */
export type OrganisationCommand =
  | {
      readonly type: 'create';
      readonly slug: string;
      readonly settings: OrganisationSettings;
      readonly wrappedKey: string;
      readonly slugTaken: boolean;
    }
  | { readonly type: 'change-settings'; readonly settings: Partial<OrganisationSettings> };

/** Why an organisation is not made or changed. */
export type OrganisationRefusal =
  | 'organisation.unknown'
  | 'organisation.exists'
  | 'organisation.name_invalid'
  | 'organisation.slug_invalid'
  | 'organisation.slug_taken'
  | 'organisation.max_age_invalid';

type OrganisationFact = OrganisationCreated | OrganisationSettingsChanged;

/** What a command means for an organisation: the new facts (none when nothing changes), or the one reason it is refused. */
export function decideOrganisation(command: OrganisationCommand, organisation: Organisation): Result<readonly OrganisationFact[], OrganisationRefusal> {
  return command.type === 'create' ? create(command, organisation) : changeSettings(command, organisation);
}

function create(command: OrganisationCommand & { type: 'create' }, organisation: Organisation): Result<readonly OrganisationFact[], OrganisationRefusal> {
  if (organisation.status === 'present') return refuse('organisation.exists');
  const settings = { ...command.settings, name: command.settings.name.trim() };
  if (!isName(settings.name)) return refuse('organisation.name_invalid');
  if (!SLUG.test(command.slug)) return refuse('organisation.slug_invalid');
  if (command.slugTaken) return refuse('organisation.slug_taken');
  return ok([{ type: 'organisation.created', version: 1, data: { slug: command.slug, settings, wrappedKey: command.wrappedKey } }]);
}

function changeSettings(
  command: OrganisationCommand & { type: 'change-settings' },
  organisation: Organisation,
): Result<readonly OrganisationFact[], OrganisationRefusal> {
  if (organisation.status === 'absent') return refuse('organisation.unknown');
  const settings = { ...organisation.settings, ...command.settings };
  const refusal = whatIsWrong({ ...settings, name: settings.name.trim() });
  if (refusal !== undefined) return refuse(refusal);
  const changed = { ...settings, name: settings.name.trim() };
  if (sameSettings(changed, organisation.settings)) return ok([]);
  return ok([{ type: 'organisation.settings_changed', version: 1, data: { settings: changed } }]);
}

function whatIsWrong(settings: OrganisationSettings): OrganisationRefusal | undefined {
  if (!isName(settings.name)) return 'organisation.name_invalid';
  const age = settings.failStaticMaxAgeSeconds;
  if (!Number.isInteger(age) || age < FAIL_STATIC_SECONDS.least || age > FAIL_STATIC_SECONDS.most) return 'organisation.max_age_invalid';
  return undefined;
}

function sameSettings(left: OrganisationSettings, right: OrganisationSettings): boolean {
  return (
    left.name === right.name &&
    left.auditDurability === right.auditDurability &&
    left.freshnessMode === right.freshnessMode &&
    left.failStaticMaxAgeSeconds === right.failStaticMaxAgeSeconds
  );
}

/** A slug made from a name: `Acme, Inc.` → `acme-inc`; `organisation` when nothing of the name is left. */
export function slugFromName(name: string): string {
  const words = name.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '').match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, 63).replace(/-$/, '') || 'organisation';
}
