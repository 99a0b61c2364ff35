import { branded, type GrantId } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { ClientSession, SessionTerms } from './client-session.js';
import { SessionTable } from './session-table.js';

const A = branded<GrantId>('grant-a');
const B = branded<GrantId>('grant-b');

function termsOf(grantId: GrantId): SessionTerms {
  return { binding: { grant: { grantId } }, protocolVersion: null, clientName: null, upstreamSessionId: null } as unknown as SessionTerms;
}

function table(maxSessions = 8) {
  const ended: ClientSession[] = [];
  return { ended, sessions: new SessionTable({ maxSessions, idleMs: 1_000 }, (session) => void ended.push(session)) };
}

describe('session table', () => {
  it('finds a session for the grant that began it and for no other', () => {
    const { sessions } = table();
    const session = sessions.begin(termsOf(A), 0);
    expect(sessions.find(session.id, A, 0)).toBe(session);
    expect(sessions.find(session.id, B, 0)).toBeUndefined();
  });

  it('ends what rested too long, but not what has a stream open', () => {
    const { sessions, ended } = table();
    const resting = sessions.begin(termsOf(A), 0);
    const streaming = sessions.begin(termsOf(A), 0);
    streaming.join({ isResumed: false, push: () => undefined, keepAlive: () => undefined, end: () => undefined });
    sessions.sweep(1_001, () => false);
    expect(ended).toEqual([resting]);
  });

  it('keeps a session that is used', () => {
    const { sessions } = table();
    const session = sessions.begin(termsOf(A), 0);
    sessions.find(session.id, A, 1_500);
    sessions.sweep(2_000, () => false);
    expect(sessions.find(session.id, A, 2_000)).toBe(session);
  });

  it('takes the room for a grant’s new session from its own oldest once it holds its share', () => {
    const { sessions, ended } = table(8);
    const others = sessions.begin(termsOf(B), 0);
    const first = sessions.begin(termsOf(A), 1);
    sessions.begin(termsOf(A), 2);
    sessions.begin(termsOf(A), 3);
    expect(ended).toEqual([first]);
    expect(sessions.find(others.id, B, 3)).toBe(others);
  });

  it('holds as many as it may, however many are begun', () => {
    const { sessions, ended } = table(100);
    for (let n = 0; n < 10_000; n += 1) sessions.begin(termsOf(branded<GrantId>(`grant-${n % 500}`)), n);
    expect(sessions.size).toBe(100);
    expect(ended).toHaveLength(9_900);
  });

  it('tells a session’s waiting calls that it ended', () => {
    const { sessions } = table();
    const session = sessions.begin(termsOf(A), 0);
    let lost = false;
    session.await(branded('1'), { answered: () => undefined, lost: () => (lost = true) });
    sessions.end(session);
    sessions.end(session);
    expect(lost).toBe(true);
  });
});
