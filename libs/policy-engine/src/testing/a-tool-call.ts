import { branded, type EpochMs } from '@sallyport/kernel';

import type { ToolCall } from '../verdict.js';

/** A call by a plain agent on 2025-10-09 at 08:53:20 UTC, a Thursday; a test names only what it is about. */
export function aToolCall(about: Partial<ToolCall> = {}): ToolCall {
  return {
    tool: 'create_charge',
    args: {},
    atMs: branded<EpochMs>(1_760_000_000_000),
    grant: { id: 'grant-1', labels: {} },
    identity: { id: 'identity-1', kind: 'agent', name: 'ci-runner', labels: {} },
    server: { slug: 'billing' },
    session: { id: 'session-1' },
    client: { name: 'probe' },
    ...about,
  };
}
