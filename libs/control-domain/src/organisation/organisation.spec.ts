import type { DomainFact } from '@sallyport/domain-events';
import { scenario } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { DEFAULT_SETTINGS, decideOrganisation, slugFromName, type OrganisationCommand, type OrganisationRefusal } from './decide-organisation.js';
import { evolveOrganisation, noOrganisation, type Organisation } from './organisation.js';

const organisation = scenario<Organisation, OrganisationCommand, DomainFact, OrganisationRefusal>({
  initial: noOrganisation,
  evolve: evolveOrganisation,
  decide: decideOrganisation,
});
const settings = { name: 'Acme', ...DEFAULT_SETTINGS };
const created: DomainFact = { type: 'organisation.created', version: 1, data: { slug: 'acme', settings, wrappedKey: 'k1.x' } };
const create = { type: 'create', slug: 'acme', settings, wrappedKey: 'k1.x', slugTaken: false } as const;

describe('organisation', () => {
  it('is made with its settings and its own wrapped key', () => {
    organisation.given().when(create).produces(created);
  });

  it('is made once', () => {
    organisation.given(created).when(create).isRefused('organisation.exists');
  });

  it('has a slug that no other has', () => {
    organisation.given().when({ ...create, slugTaken: true }).isRefused('organisation.slug_taken');
  });

  it('needs a slug that can stand in an address', () => {
    for (const slug of ['', '-a', 'a-', 'A', 'a_b', 'a/b', 'x'.repeat(64)]) {
      organisation.given().when({ ...create, slug }).isRefused('organisation.slug_invalid');
    }
  });

  it('keeps the settings that are not named', () => {
    organisation.given(created).when({ type: 'change-settings', settings: { auditDurability: 'process' } })
      .produces({ type: 'organisation.settings_changed', version: 1, data: { settings: { ...settings, auditDurability: 'process' } } });
  });

  it('changes nothing when nothing is different', () => {
    organisation.given(created).when({ type: 'change-settings', settings: { name: ' Acme ' } }).produces();
  });

  it('bounds the age up to which workers go on', () => {
    for (const failStaticMaxAgeSeconds of [4, 7 * 24 * 3600 + 1, 5.5]) {
      organisation.given(created).when({ type: 'change-settings', settings: { failStaticMaxAgeSeconds } })
        .isRefused('organisation.max_age_invalid');
    }
  });

  it('is unknown when nobody heard of it', () => {
    organisation.given().when({ type: 'change-settings', settings: {} }).isRefused('organisation.unknown');
  });

  it('makes a slug from any name', () => {
    expect(['Acme, Inc.', 'Ünïted Über', '東京', '-', 'a '.repeat(60)].map(slugFromName)).toEqual([
      'acme-inc', 'united-uber', 'organisation', 'organisation', 'a-'.repeat(32).slice(0, 63),
    ]);
  });
});
