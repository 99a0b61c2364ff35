import type { DomainFact, SealedCredential } from '@sallyport/domain-events';
import { branded, type SinkId } from '@sallyport/kernel';
import { scenario } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { decideSink } from './decide-sink.js';
import { evolveSink, noSink } from './evolve-sink.js';
import { MAX_SINKS, type Sink, type SinkCommand, type SinkRefusal } from './sink.js';

const sink = scenario<Sink, SinkCommand, DomainFact, SinkRefusal>({ initial: noSink, evolve: evolveSink, decide: decideSink });
const sinkId = branded<SinkId>('k1');
const sealed = (...names: readonly string[]): readonly SealedCredential[] => names.map((name) => ({ name, sealedValue: `sealed ${name}` }));
const configured = { settings: '{"url":"https://siem.example"}', credentials: sealed('token'), filter: { types: [], outcomes: [] }, format: 'native', formatVersion: null } as const;
const add = { type: 'add', sinkId, name: 'siem', nameTaken: false, others: 0, sinkType: 'webhook', afterSeq: 7, ...configured } as const;
const added: DomainFact = { type: 'sink.added', version: 1, data: { sinkId, name: 'siem', sinkType: 'webhook', afterSeq: 7, ...configured } };
const confirmed: DomainFact = { type: 'sink.confirmed', version: 1, data: { sinkId, how: 'code' } };
const paused: DomainFact = { type: 'sink.paused', version: 1, data: { sinkId, reason: 'why' } };
const resumed: DomainFact = { type: 'sink.resumed', version: 1, data: { sinkId, reason: 'why' } };
const removed: DomainFact = { type: 'sink.removed', version: 1, data: { sinkId, reason: 'why' } };
const changed = (change: object): DomainFact => ({ type: 'sink.changed', version: 1, data: { sinkId, ...configured, ...change } });
const change = { type: 'change', settings: undefined, sameReceiver: true, setCredentials: [], removeCredentials: [], filter: undefined, format: undefined, formatVersion: undefined } as const;
const confirmedAfter = (...facts: readonly DomainFact[]): unknown => {
  const state = facts.reduce(evolveSink, noSink);
  return state.status === 'present' ? state.confirmed : state.status;
};

describe('adding a sink', () => {
  it('keeps what goes where, and from which place on', () => {
    sink.given().when(add).produces(added);
  });

  it.each(['', '-a', 'a b', 'ä', 'a'.repeat(101), 'a@b', '0198c0de-0000-7000-8000-000000000001'])('refuses the name %j', (name) => {
    sink.given().when({ ...add, name }).isRefused({ code: 'sink.name_invalid', pointer: '/name' });
  });

  it('refuses a name that another sink has, a second addition, and one too many', () => {
    sink.given().when({ ...add, nameTaken: true }).isRefused({ code: 'sink.name_taken', pointer: '/name' });
    sink.given(added).when(add).isRefused({ code: 'sink.exists', pointer: '' });
    sink.given().when({ ...add, others: MAX_SINKS }).isRefused({ code: 'sink.too_many', pointer: '' });
  });

  it('refuses settings beyond their size, and a credential that stands twice', () => {
    sink.given().when({ ...add, settings: `{"a":"${'x'.repeat(32_768)}"}` }).isRefused({ code: 'sink.settings_too_long', pointer: '/settings' });
    sink.given().when({ ...add, credentials: sealed('a', 'b', 'a') }).isRefused({ code: 'sink.credential_repeated', pointer: '/credentials/2/name' });
  });

  it.each(['call.*', 'call.decided', 'admin.*', 'admin.grant.*', 'admin.grant.issued', 'export.*'])('takes %s for events', (type) => {
    const filter = { types: ['call.completed', type], outcomes: ['denied', 'error'] };
    sink.given().when({ ...add, filter }).produces({ ...added, data: { ...added.data, filter } } as DomainFact);
  });

  it.each(['cal.*', 'call', '*', 'call.decide', 'admin', 'admin.cow.*', 'admin.grant.Issued', 'admin.grant.a.b', 'call.decided.*', ''])('refuses %j, which no event can match', (type) => {
    sink.given().when({ ...add, filter: { types: ['call.*', type], outcomes: [] } }).isRefused({ code: 'sink.filter_type_invalid', pointer: '/filter/types/1' });
  });

  it('refuses an outcome that is none, and a filter without end', () => {
    sink.given().when({ ...add, filter: { types: [], outcomes: ['denied', 'deny'] } }).isRefused({ code: 'sink.filter_outcome_invalid', pointer: '/filter/outcomes/1' });
    sink.given().when({ ...add, filter: { types: Array.from({ length: 65 }, () => 'call.*'), outcomes: [] } }).isRefused({ code: 'sink.filter_too_long', pointer: '/filter/types' });
  });
});

describe('changing a sink', () => {
  const given = sink.given(added, confirmed);

  it('changes what is named and keeps the rest', () => {
    given.when({ ...change, format: 'ocsf', formatVersion: '1.8.0' }).produces(changed({ format: 'ocsf', formatVersion: '1.8.0' }));
    given.when({ ...change, filter: { types: ['call.*'], outcomes: [] } }).produces(changed({ filter: { types: ['call.*'], outcomes: [] } }));
    given.when({ ...change, setCredentials: sealed('more') }).produces(changed({ credentials: sealed('token', 'more') }));
    given.when({ ...change, removeCredentials: ['token'] }).produces(changed({ credentials: [] }));
  });

  it('adds nothing where it is so already', () => {
    given.when(change).produces();
    given.when({ ...change, settings: configured.settings, format: 'native' }).produces();
  });

  it('keeps credentials with the receiver they were given for', () => {
    const elsewhere = { ...change, settings: '{"url":"https://evil.example"}', sameReceiver: false };
    given.when(elsewhere).isRefused({ code: 'sink.credentials_bound_to_receiver', pointer: '/settings' });
    given.when({ ...elsewhere, removeCredentials: ['token'] }).produces(changed({ settings: elsewhere.settings, credentials: [] }));
    given.when({ ...elsewhere, setCredentials: sealed('token') }).produces(changed({ settings: elsewhere.settings }));
  });

  it('refuses to remove a credential that it has not', () => {
    given.when({ ...change, removeCredentials: ['token', 'other'] }).isRefused({ code: 'sink.credential_unknown', pointer: '/removeCredentials/1' });
  });

  it('asks for another confirmation after other settings or credentials, and not after another form or filter', () => {
    expect(confirmedAfter(added, confirmed)).toBe('code');
    expect(confirmedAfter(added, confirmed, changed({ format: 'ocsf' }))).toBe('code');
    expect(confirmedAfter(added, confirmed, changed({ settings: '{}' }))).toBeNull();
    expect(confirmedAfter(added, confirmed, changed({ credentials: [] }))).toBeNull();
  });
});

describe('a sink', () => {
  it('is confirmed once', () => {
    sink.given(added).when({ type: 'confirm', how: 'echo' }).produces({ type: 'sink.confirmed', version: 1, data: { sinkId, how: 'echo' } });
    sink.given(added, confirmed).when({ type: 'confirm', how: 'echo' }).produces();
  });

  it('is paused and resumed by people, each once', () => {
    sink.given(added).when({ type: 'pause', reason: 'why' }).produces(paused);
    sink.given(added, paused).when({ type: 'pause', reason: 'again' }).produces();
    sink.given(added, paused).when({ type: 'resume', reason: 'why', halted: false }).produces(resumed);
    sink.given(added).when({ type: 'resume', reason: 'why', halted: false }).produces();
  });

  it('is resumed too where the exporter had stopped it', () => {
    sink.given(added).when({ type: 'resume', reason: 'why', halted: true }).produces(resumed);
  });

  it('is gone for good once it is removed', () => {
    sink.given(added).when({ type: 'remove', reason: 'why' }).produces(removed);
    for (const command of [change, { type: 'remove', reason: '' }, { type: 'confirm', how: 'code' }] as const) {
      sink.given(added, removed).when(command).isRefused({ code: 'sink.unknown', pointer: '/sink' });
      sink.given().when(command).isRefused({ code: 'sink.unknown', pointer: '/sink' });
    }
    sink.given(added, removed).when(add).isRefused({ code: 'sink.exists', pointer: '' });
  });

  it('takes reasons of people, not walls of text', () => {
    sink.given(added).when({ type: 'pause', reason: 'x'.repeat(1_001) }).isRefused({ code: 'sink.reason_invalid', pointer: '/reason' });
    sink.given(added).when({ type: 'remove', reason: 'a\0' }).isRefused({ code: 'sink.reason_invalid', pointer: '/reason' });
  });
});
