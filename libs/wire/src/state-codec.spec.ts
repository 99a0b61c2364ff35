import { readFileSync } from 'node:fs';

import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DomainEvent } from '@sallyport/domain-events';
import { isFault } from '@sallyport/kernel';
import { emptyState, OrganisationFold } from '@sallyport/organisation-state';
import { anyHistory, HISTORY_OF } from '@sallyport/organisation-state/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { eventFromJson } from './event-codec.js';
import { OrganisationStateSchema } from './generated/sallyport/stream/v1/organisation_state_pb.js';
import { decodeState, encodeState, stateHash } from './state-codec.js';

function folded(events: readonly DomainEvent[], from: OrganisationFold = new OrganisationFold(HISTORY_OF)): OrganisationFold {
  for (const event of events) expect(from.apply(event)).toEqual({ ok: true, value: undefined });
  return from;
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (caught) {
    return isFault(caught) ? caught.code : 'no fault';
  }
  return 'nothing thrown';
}

describe('a folded state', () => {
  it('reads back as it was written', () => {
    fc.assert(fc.property(anyHistory, (events) => void expect(decodeState(encodeState(folded(events)))).toEqual(folded(events))));
    expect(decodeState(encodeState(emptyState(HISTORY_OF)))).toEqual(emptyState(HISTORY_OF));
  });

  it('has one hash, whether every event was folded or a snapshot of any point and the tail [log/snapshot-plus-tail]', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(), (events, cut) => {
        const at = events.length === 0 ? 0 : cut % (events.length + 1);
        const snapshot = decodeState(encodeState(folded(events.slice(0, at))));
        const whole = folded(events);
        expect(stateHash(folded(events.slice(at), snapshot))).toBe(stateHash(whole));
        expect(stateHash(encodeState(whole))).toBe(stateHash(whole));
      }),
    );
  });

  it('has another hash after any other event', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const hashes = events.map((_, index) => stateHash(folded(events.slice(0, index))));
        expect(new Set(hashes).size).toBe(hashes.length);
      }),
      { numRuns: 20 },
    );
  });

  const IDENTITY = 'identity.created@1';
  const REST = ['grant.issued@1', 'grant.token_rotated@1'];
  const FIRST = ['organisation.created@1', 'server.registered@1', 'server.tools_approved@1'];
  const SECOND = ['server.tool_labelled@1', 'policy.shadow_started@1'];
  const goldenOf = (names: readonly string[]) => folded(
    names.map((name, index) => {
      const event = eventFromJson(JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')));
      return { ...event, organisationId: HISTORY_OF, revision: index + 1 } as DomainEvent;
    }),
  );
  const golden = goldenOf([...FIRST, 'identity.created@2', ...REST, ...SECOND]);

  it('is written as it was before: a change is a new form [log/golden]', () => {
    const stored = readFileSync(new URL('../golden/state/form-3.binpb', import.meta.url));
    expect(decodeState(stored)).toEqual(golden);
    expect(Buffer.from(encodeState(golden)).equals(stored)).toBe(true);
  });

  it.each([
    ['1, which had no labels and no shadows', 'form-1', [...FIRST, IDENTITY, ...REST]],
    ['2, which had no groups: its identities are in none', 'form-2', [...FIRST, IDENTITY, ...REST, ...SECOND]],
  ])('is read in form %s [log/golden]', (_, name, events) => {
    expect(decodeState(readFileSync(new URL(`../golden/state/${name}.binpb`, import.meta.url)))).toEqual(goldenOf(events));
  });

  it('is refused when it is torn, of another form, or says more than is understood', () => {
    const bytes = encodeState(golden);
    for (let length = 0; length < bytes.length; length += 1) if (codeOf(() => decodeState(bytes.subarray(0, length))) === 'nothing thrown') expect(decodeState(bytes.subarray(0, length))).not.toEqual(golden);
    expect(codeOf(() => decodeState(new Uint8Array()))).toBe('wire.undecodable');
    expect(codeOf(() => decodeState(toBinary(OrganisationStateSchema, { ...fromBinary(OrganisationStateSchema, bytes), form: 4 })))).toBe('wire.undecodable');
    expect(codeOf(() => decodeState(Buffer.concat([bytes, Uint8Array.of(0xd2, 0x05, 0x01, 0x78)])))).toBe('wire.undecodable');
  });
});
