import type { FeedListener } from '@sallyport/event-log';
import { newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type EpochMs, type Revision } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { StreamApplier } from './stream-applier.js';

const at = (ms: number) => branded<EpochMs>(ms);

describe('stamps that are read before the end of the stream', () => {
  const heard = (): FeedListener & { readonly stamps: number[] } => {
    const stamps: number[] = [];
    return { stamps, onEvents: () => undefined, onStamp: ({ committedBefore }) => void stamps.push(committedBefore) };
  };

  it('say nothing to who begins with nothing, until the end is reached, and then what the newest says', () => {
    const listener = heard();
    const applier = new StreamApplier(listener, new Map());
    applier.stamp({ committedBefore: at(1_000), position: 0 });
    applier.stamp({ committedBefore: at(2_000), position: 0 });
    expect([listener.stamps, applier.stampedTo]).toEqual([[], 2_000]);
    applier.readToEnd();
    applier.readToEnd();
    applier.stamp({ committedBefore: at(3_000), position: 0 });
    expect(listener.stamps).toEqual([2_000, 3_000]);
  });

  it('are passed on where they are older than asked for, and the end comes later', () => {
    const listener = heard();
    const applier = new StreamApplier(listener, new Map());
    applier.stamp({ committedBefore: at(1_000), position: 0 });
    applier.passOnBefore(at(1_000));
    expect(listener.stamps).toEqual([]);
    applier.passOnBefore(at(1_001));
    applier.passOnBefore(at(1_001));
    expect(listener.stamps).toEqual([1_000]);
    applier.stamp({ committedBefore: at(6_000), position: 0 });
    expect(listener.stamps).toEqual([1_000]);
  });

  it('are passed on at once to who has a state of its own already', () => {
    const listener = heard();
    new StreamApplier(listener, new Map([[newOrganisationId(), branded<Revision>(1)]])).stamp({ committedBefore: at(1_000), position: 0 });
    expect(listener.stamps).toEqual([1_000]);
  });
});
