import { describe, expect, it } from 'vitest';

import { NoteRoom } from './note-room.js';

describe('room for notes', () => {
  it('is a sixteenth of the journal, and comes back as notes are shipped', () => {
    const room = new NoteRoom(1_600);
    expect([room.take(60, 60), room.take(40, 100), room.take(1, 101)]).toEqual([true, true, false]);
    expect(room.droppedCount).toBe(1);
    room.kept(1, 60);
    room.kept(2, 40);
    room.shippedThrough(1);
    expect(room.take(1, 1)).toBe(false);
    room.shippedThrough(2);
    expect(room.take(100, 100)).toBe(true);
  });

  it('ends where the rest of the journal belongs to decisions', () => {
    const room = new NoteRoom(1_600);
    expect([room.take(10, 1_200), room.take(10, 1_201)]).toEqual([true, false]);
  });

  it('takes no note that is large', () => {
    expect(new NoteRoom(2 ** 30).take(16_385, 16_385)).toBe(false);
  });

  it('counts a note that could not be written as dropped, and gives its room back', () => {
    const room = new NoteRoom(160);
    room.take(10, 10);
    room.lost(10);
    expect([room.droppedCount, room.take(10, 10)]).toEqual([1, true]);
  });

  it('forgets in pieces however many notes there are', () => {
    const room = new NoteRoom(2 ** 30);
    for (let seq = 1; seq <= 10_000; seq += 1) {
      room.take(300, 0);
      room.kept(seq, 300);
    }
    room.shippedThrough(10_000);
    expect(room.take(2 ** 14, 0)).toBe(true);
  });
});
