import type { DomainFact, IdentityCreated } from '@sallyport/domain-events';
import { branded, type IdentityId } from '@sallyport/kernel';
import { scenario } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { decideIdentity } from './decide-identity.js';
import { evolveIdentity, noIdentity } from './evolve-identity.js';
import type { Identity, IdentityCommand, IdentityRefusal } from './identity.js';

const identityId = branded<IdentityId>('0198c0de-0000-7000-8000-000000000001');
const identity = scenario<Identity, IdentityCommand, DomainFact, IdentityRefusal>({ initial: noIdentity, evolve: evolveIdentity, decide: decideIdentity });
const create = { type: 'create', identityId, name: 'ci-bot', nameTaken: false, kind: 'agent', labels: { team: 'billing' }, groups: ['ops', 'finance', 'ops'] } as const;
const created: IdentityCreated = { type: 'identity.created', version: 2, data: { identityId, name: 'ci-bot', kind: 'agent', labels: { team: 'billing' }, groups: ['finance', 'ops'] } };
const disabled: DomainFact = { type: 'identity.disabled', version: 1, data: { identityId } };
const enabled: DomainFact = { type: 'identity.enabled', version: 1, data: { identityId } };

describe('an identity', () => {
  it('is created with its name, kind, labels and groups, each group once and in order', () => {
    identity.given().when(create).produces(created);
  });

  it('is not created twice', () => {
    identity.given(created).when(create).isRefused({ code: 'identity.exists', pointer: '' });
  });

  it('does not take a name that another has', () => {
    identity.given().when({ ...create, nameTaken: true }).isRefused({ code: 'identity.name_taken', pointer: '/name' });
  });

  it.each(['', '-bot', 'a b', 'a/b', 'naïve', 'x'.repeat(101), 'bot\n', '0198c0de-0000-7000-8000-000000000001'])('cannot be named %j', (name) => {
    identity.given().when({ ...create, name }).isRefused({ code: 'identity.name_invalid', pointer: '/name' });
  });

  it.each(['a', 'anna@example.com', 'Build_7.x+nightly', 'x'.repeat(100)])('can be named %j', (name) => {
    identity.given().when({ ...create, name }).produces({ ...created, data: { ...created.data, name } });
  });

  it.each([
    ['a key with a space', { 'a b': 'x' }, '/labels/a b'],
    ['an empty key', { '': 'x' }, '/labels/'],
    ['a key that ends in a slash', { 'a/': 'x' }, '/labels/a~1'],
    ['a value that is too long', { a: 'x'.repeat(257) }, '/labels/a'],
    ['a value with a line break', { a: 'x\ny' }, '/labels/a'],
    ['more than 32 labels', Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`k${at}`, 'x'])), '/labels'],
  ])('takes no labels with %s', (_, labels, pointer) => {
    identity.given().when({ ...create, labels }).isRefused({ code: 'identity.label_invalid', pointer });
    identity.given(created).when({ type: 'relabel', labels }).isRefused({ code: 'identity.label_invalid', pointer });
  });

  it('keeps a label called __proto__ from being anything but a refused key', () => {
    const labels = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    identity.given(created).when({ type: 'relabel', labels }).isRefused({ code: 'identity.label_invalid', pointer: '/labels/__proto__' });
  });

  it('has its labels replaced as a whole', () => {
    identity
      .given(created)
      .when({ type: 'relabel', labels: { env: 'test' } })
      .produces({ type: 'identity.relabelled', version: 1, data: { identityId, labels: { env: 'test' } } });
  });

  it('stays as it is under the labels it has', () => {
    identity.given(created).when({ type: 'relabel', labels: { team: 'billing' } }).produces();
  });

  it.each([
    ['an empty name', ['ops', ''], '/groups/1'],
    ['a name that is too long', ['x'.repeat(129)], '/groups/0'],
    ['a name with a line break', ['a', 'b', 'x\ny'], '/groups/2'],
    ['a name with half a surrogate pair', ['\ud800'], '/groups/0'],
    ['more than 50 names', Array.from({ length: 51 }, (_, at) => `g${at}`), '/groups'],
  ])('takes no groups with %s', (_, groups, pointer) => {
    identity.given().when({ ...create, groups }).isRefused({ code: 'identity.group_invalid', pointer });
    identity.given(created).when({ type: 'regroup', groups }).isRefused({ code: 'identity.group_invalid', pointer });
  });

  it('can be in 50 groups of 128 characters, however often each is named', () => {
    const groups = Array.from({ length: 50 }, (_, at) => String(at).padStart(128, '-'));
    identity.given(created).when({ type: 'regroup', groups: [...groups, ...groups].reverse() }).produces({ type: 'identity.regrouped', version: 1, data: { identityId, groups } });
  });

  it('has its groups replaced as a whole, by none too', () => {
    const regrouped = (groups: readonly string[]) => ({ type: 'identity.regrouped', version: 1, data: { identityId, groups } }) as const;
    identity.given(created).when({ type: 'regroup', groups: ['support', 'ops'] }).produces(regrouped(['ops', 'support']));
    identity.given(created, regrouped(['ops', 'support'])).when({ type: 'regroup', groups: [] }).produces(regrouped([]));
  });

  it('stays as it is in the groups it is in, in whatever order they are named', () => {
    identity.given(created).when({ type: 'regroup', groups: ['ops', 'finance'] }).produces();
    identity.given(created, { type: 'identity.regrouped', version: 1, data: { identityId, groups: [] } }).when({ type: 'regroup', groups: [] }).produces();
  });

  it('is disabled and enabled again, each once', () => {
    identity.given(created).when({ type: 'disable' }).produces(disabled);
    identity.given(created, disabled).when({ type: 'disable' }).produces();
    identity.given(created, disabled).when({ type: 'enable' }).produces(enabled);
    identity.given(created).when({ type: 'enable' }).produces();
  });

  it.each([{ type: 'relabel', labels: {} }, { type: 'regroup', groups: [] }, { type: 'disable' }, { type: 'enable' }] as const)('must exist to be asked to $type', (command) => {
    identity.given().when(command).isRefused({ code: 'identity.unknown', pointer: '/identity' });
  });

  it('ignores facts of other objects, and facts before it was created', () => {
    expect(evolveIdentity(noIdentity, disabled)).toBe(noIdentity);
    const state = evolveIdentity(noIdentity, created);
    expect(evolveIdentity(state, { type: 'member.removed', version: 1, data: { memberId: branded('m') } })).toBe(state);
  });
});
