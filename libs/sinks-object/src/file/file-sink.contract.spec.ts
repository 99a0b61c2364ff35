import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sinkTypeContract } from '@sallyport/sinks/testing';
import { describe, expect, it } from 'vitest';

import { anOutgoingBatch } from '../testing/an-outgoing-batch.js';
import { FileReceiver } from '../testing/file-receiver.js';
import { LoopbackNetwork, sinkTools } from '../testing/sink-tools.js';
import { fileSinkType } from './file-sink-type.js';

// Without root nothing makes a disk hang, and a disk knows no credentials; neither is examined.
sinkTypeContract('file', [], async () => {
  const receiver = new FileReceiver();
  const configuration = { settings: { directory: receiver.directory }, credentials: {}, format: 'native', formatVersion: null } as const;
  return { type: fileSinkType, configuration, tools: sinkTools(new LoopbackNetwork()), receiver };
});

describe('a disk that is full in the middle of a batch', () => {
  it('keeps nothing of it, and all of it when there is room again', async () => {
    const receiver = new FileReceiver();
    const tools = sinkTools(new LoopbackNetwork());
    const sink = fileSinkType.open({ settings: { directory: receiver.directory }, credentials: {}, format: 'native', formatVersion: null }, tools);
    const deliver = () => sink.deliver(anOutgoingBatch(3), new AbortController().signal);
    const text = () => {
      const folder = join(receiver.directory, tools.organisationId);
      return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('');
    };
    expect(await deliver()).toEqual({ kind: 'delivered' });
    const before = text();
    receiver.fullAt(before.length + 100);
    expect(await deliver()).toEqual({ kind: 'unavailable', reason: 'the disk is full (EFBIG)' });
    await receiver.back();
    expect(text()).toBe(before);
    expect(await deliver()).toEqual({ kind: 'delivered' });
    expect(text()).toBe(before + before);
    await sink.close();
    await receiver.close();
  });
});
