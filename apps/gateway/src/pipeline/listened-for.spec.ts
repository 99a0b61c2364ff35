import { describe, expect, it } from 'vitest';

import { listenedFor } from './listened-for.js';

const bodyOf = (params: unknown): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }));

describe('what a client listens for', () => {
  it.each([
    ['changes of tools', { notifications: { toolsListChanged: true } }, { toolsListChanged: true, tasks: false }],
    ['tasks', { notifications: { taskIds: ['t'] } }, { toolsListChanged: false, tasks: true }],
    ['tasks, in no form that is known', { taskIds: null }, { toolsListChanged: false, tasks: true }],
    ['something else', { notifications: { toolsListChanged: 'yes', promptsListChanged: true } }, { toolsListChanged: false, tasks: false }],
    ['nothing', {}, { toolsListChanged: false, tasks: false }],
    ['nothing, where there are no parameters', [], { toolsListChanged: false, tasks: false }],
  ])('is read: %s', (_what, params, wanted) => {
    expect(listenedFor(bodyOf(params))).toEqual(wanted);
  });

  it('is nothing where the body cannot be read', () => {
    expect(listenedFor(Buffer.from('{'))).toEqual({ toolsListChanged: false, tasks: false });
  });
});
