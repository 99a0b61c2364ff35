import { ok, refuse, type Result } from '@sallyport/kernel';

import type { DomainFact } from './all-events.js';

/** A fact in the version it was written in. */
export interface StoredFact {
  readonly type: string;
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Data of one version of a fact → data of the next. Pure and total: every fact ever written must come through. */
export type Upcaster = (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/** How to bring stored facts up to date: where each type stands, and the steps that lead there. */
export interface UpcastSteps {
  /** Current version by fact type. */
  readonly current: Readonly<Record<string, number>>;
  /** Keyed by where a step starts: `grant.issued@1` makes version 2 of version 1. */
  readonly steps: Readonly<Record<string, Upcaster>>;
}

/** The version each fact is written in. The compiler holds this to the types of the events. */
export const CURRENT_VERSIONS: { readonly [Known in DomainFact as Known['type']]: Known['version'] } = {
  'organisation.created': 1,
  'organisation.settings_changed': 1,
  'member.added': 1,
  'member.role_changed': 1,
  'member.removed': 1,
  'token.issued': 1,
  'token.revoked': 1,
  'server.registered': 1,
  'server.updated': 1,
  'server.disabled': 1,
  'server.enabled': 1,
  'server.tools_approved': 1,
  'server.tools_changed': 1,
  'server.tool_labelled': 1,
  'identity.created': 2,
  'identity.relabelled': 1,
  'identity.regrouped': 1,
  'identity.disabled': 1,
  'identity.enabled': 1,
  'policy.version_published': 1,
  'policy.shadow_started': 1,
  'policy.shadow_stopped': 1,
  'policy.tests_set': 1,
  'grant.issued': 1,
  'grant.policy_attached': 1,
  'grant.token_rotated': 1,
  'grant.revoked': 1,
  'grant.expired': 1,
  'sink.added': 1,
  'sink.changed': 1,
  'sink.confirmed': 1,
  'sink.paused': 1,
  'sink.resumed': 1,
  'sink.removed': 1,
  'reveal.requested': 1,
  'reveal.confirmed': 1,
  'reveal.refused': 1,
  'reveal.read': 1,
  'reveal.expired': 1,
};

/** One entry for each version that is no longer written: `'grant.issued@1': (data) => ({ ...data, note: '' })`. */
const STEPS: Readonly<Record<string, Upcaster>> = {
  'identity.created@1': (data) => ({ ...data, groups: [] }),
};

/**
 * A stored fact in its current version. Refused when the type is unknown, or the version is newer than this code, or a step is missing.
 *
 * @param known Where facts stand; given by tests only.
 */
export function upcast(stored: StoredFact, known: UpcastSteps = { current: CURRENT_VERSIONS, steps: STEPS }): Result<DomainFact, 'unknown_fact'> {
  const current = Object.hasOwn(known.current, stored.type) ? known.current[stored.type] : undefined;
  if (current === undefined || stored.version > current) return refuse('unknown_fact');
  let data = stored.data;
  for (let version = stored.version; version < current; version += 1) {
    const step = known.steps[`${stored.type}@${version}`];
    if (step === undefined) return refuse('unknown_fact');
    data = step(data);
  }
  return ok({ type: stored.type, version: current, data } as unknown as DomainFact);
}
