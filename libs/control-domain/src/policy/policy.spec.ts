import type { DomainFact, PolicyVersionPublished } from '@sallyport/domain-events';
import { branded, type PolicyId, type Sha256Hex } from '@sallyport/kernel';
import { scenario } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { decidePolicy, versionToRestore } from './decide-policy.js';
import { evolvePolicy, noPolicy } from './evolve-policy.js';
import { liveVersion, type Policy, type PolicyCommand, type PolicyRefusal } from './policy.js';

const policy = scenario<Policy, PolicyCommand, DomainFact, PolicyRefusal>({ initial: noPolicy, evolve: evolvePolicy, decide: decidePolicy });
const policyId = branded<PolicyId>('p1');
const open = { document: '{"version":"1","default":"allow"}', documentHash: branded<Sha256Hex>('a'.repeat(64)) };
const shut = { document: '{"version":"1","default":"deny"}', documentHash: branded<Sha256Hex>('b'.repeat(64)) };
const watching = { document: '{"version":"1","default":"deny","mode":"shadow"}', documentHash: branded<Sha256Hex>('c'.repeat(64)) };
const publish = { type: 'publish', policyId, name: 'billing', checked: open, note: 'first' } as const;
const published = (version: number, checked: typeof open, restoresVersion = 0, note = 'first'): PolicyVersionPublished => ({
  type: 'policy.version_published',
  version: 1,
  data: { policyId, name: 'billing', version, ...checked, note, restoresVersion },
});

describe('publishing a policy', () => {
  it('begins with version 1', () => {
    policy.given().when(publish).produces(published(1, open));
  });

  it('goes on with 2, 3 under the id and name it has', () => {
    policy.given(published(1, open)).when({ ...publish, policyId: branded('p2'), name: 'other', checked: shut }).produces(published(2, shut));
  });

  it('adds nothing when the newest version has this very document', () => {
    policy.given(published(1, open)).when({ ...publish, note: 'again' }).produces();
  });

  it('adds a version when an older one, but not the newest, has the document', () => {
    policy.given(published(1, open), published(2, shut)).when(publish).produces(published(3, open));
  });

  it.each(['', 'a b', 'a@2', '.a', 'x'.repeat(101), '0198c0de-0000-7000-8000-000000000001'])('cannot begin under the name %j', (name) => {
    policy.given().when({ ...publish, name }).isRefused({ code: 'policy.name_invalid', pointer: '/name' });
  });

  it.each(['x'.repeat(1_001), 'a\0b', 'a\u001b[31m', 'a\ud800'])('does not take the note %j', (note) => {
    policy.given().when({ ...publish, note }).isRefused({ code: 'policy.note_invalid', pointer: '/note' });
  });

  it('takes a note of several lines', () => {
    policy.given().when({ ...publish, note: 'one\r\n\ttwo' }).produces(published(1, open, 0, 'one\r\n\ttwo'));
  });
});

describe('rolling a policy back', () => {
  const restore = { type: 'restore', to: 1, checked: open, note: 'back' } as const;

  it('publishes the earlier document as a new version that names the one it restores', () => {
    policy.given(published(1, open), published(2, shut)).when(restore).produces(published(3, open, 1, 'back'));
  });

  it('adds nothing when the newest version is so already', () => {
    policy.given(published(1, open)).when(restore).produces();
  });

  it.each([0, -1, 3, 1.5])('refuses version %d, which nobody published', (to) => {
    policy.given(published(1, open), published(2, shut)).when({ ...restore, to }).isRefused({ code: 'policy.version_unknown', pointer: '/to' });
  });

  it('needs a policy', () => {
    policy.given().when(restore).isRefused({ code: 'policy.unknown', pointer: '/policy' });
    expect(versionToRestore(noPolicy, 1)).toEqual({ ok: false, refusal: { code: 'policy.unknown', pointer: '/policy' } });
  });
});

describe('a shadow', () => {
  const started = (version: number, checked: typeof open): DomainFact => ({ type: 'policy.shadow_started', version: 1, data: { policyId, name: 'billing', version, document: checked.document } });
  const stopped: DomainFact = { type: 'policy.shadow_stopped', version: 1, data: { policyId } };

  it('is any published version, and nothing is added where it runs already', () => {
    policy.given(published(1, open), published(2, shut)).when({ type: 'shadow', to: 1 }).produces(started(1, open));
    policy.given(published(1, open), published(2, shut), started(1, open)).when({ type: 'shadow', to: 1 }).produces();
    policy.given(published(1, watching)).when({ type: 'shadow', to: 1 }).produces();
  });

  it('is stopped by naming none', () => {
    policy.given(published(1, watching)).when({ type: 'shadow', to: null }).produces(stopped);
    policy.given(published(1, open)).when({ type: 'shadow', to: null }).produces();
  });

  it('ends when its document is published in force', () => {
    policy.given(published(1, shut), published(2, watching)).when({ type: 'restore', to: 2, checked: open, note: 'on' }).produces(published(3, open, 2, 'on'), stopped);
  });

  it('needs a version that is there', () => {
    policy.given(published(1, open)).when({ type: 'shadow', to: 2 }).isRefused({ code: 'policy.version_unknown', pointer: '/version' });
    policy.given().when({ type: 'shadow', to: 1 }).isRefused({ code: 'policy.unknown', pointer: '/policy' });
  });
});

describe('tests of a policy', () => {
  const tests = { text: '{"tests":[]}', required: true };
  const set = (version: number, text = tests.text, required = true): DomainFact => ({ type: 'policy.tests_set', version: 1, data: { policyId, version, tests: text, required } });

  it('are set with the version they come with, once', () => {
    policy.given().when({ ...publish, tests }).produces(published(1, open), set(1));
    policy.given(published(1, open), set(1)).when({ ...publish, checked: shut, tests }).produces(published(2, shut));
    policy.given(published(1, open)).when({ ...publish, tests }).produces(set(1));
  });

  it('are taken away by an empty text', () => {
    policy.given(published(1, open), set(1)).when({ ...publish, tests: { text: '', required: true } }).produces(set(1, '', false));
    policy.given(published(1, open)).when({ ...publish, tests: { text: '', required: false } }).produces();
  });
});

describe('the live version', () => {
  const after = (...facts: readonly DomainFact[]) => liveVersion(facts.reduce(evolvePolicy, noPolicy))?.version;

  it('is the newest', () => {
    expect(after(published(1, open), published(2, shut))).toBe(2);
  });

  it('is never one in shadow mode', () => {
    expect(after(published(1, open), published(2, watching))).toBe(1);
    expect(after(published(1, watching))).toBeUndefined();
    expect(after()).toBeUndefined();
  });
});
