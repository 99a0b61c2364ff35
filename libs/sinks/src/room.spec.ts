import { describe, expect, it } from 'vitest';

import { Room } from './room.js';

const ON = new AbortController().signal;

describe('the room that deliveries share', () => {
  it('is never over its bounds, of all and of one organisation', async () => {
    const room = new Room({ totalBytes: 100, organisationBytes: 60 });
    const entered: string[] = [];
    const enter = (organisation: string, bytes: number) => room.enter(organisation, bytes, ON).then((leave) => (entered.push(organisation), leave));
    const [a] = [enter('a', 40), enter('a', 40), enter('b', 50), enter('c', 20)];
    const leave = await a;
    await Promise.resolve();
    expect([entered, room.bytes]).toEqual([['a', 'b'], 90]);
    leave?.();
    leave?.();
    await Promise.resolve();
    expect([entered, room.bytes]).toEqual([['a', 'b', 'c'], 70]);
  });

  it('lets in the organisation whose turn is longest ago', async () => {
    const room = new Room({ totalBytes: 10, organisationBytes: 10 });
    const entered: string[] = [];
    let leave = await room.enter('a', 10, ON);
    const waiting = ['a', 'a', 'b', 'a', 'c'].map((organisation) =>
      room.enter(organisation, 10, ON).then((left) => {
        entered.push(organisation);
        leave = left;
      }),
    );
    for (let round = 0; round < 5; round += 1) {
      leave?.();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await Promise.all(waiting);
    expect(entered).toEqual(['b', 'c', 'a', 'a', 'a']);
  });

  it('lets in alone what is larger than the bounds, and nobody who was stopped', async () => {
    const room = new Room({ totalBytes: 10, organisationBytes: 5 });
    const leave = await room.enter('a', 50, ON);
    const stop = new AbortController();
    const waiting = room.enter('b', 1, stop.signal);
    stop.abort();
    expect(await waiting).toBeNull();
    expect(await room.enter('b', 1, stop.signal)).toBeNull();
    leave?.();
    expect(room.bytes).toBe(0);
  });
});
