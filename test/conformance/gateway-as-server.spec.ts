import { conformanceServer, type ConformanceServer } from '@sallyport/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { complaints, count, expectedIn, lost } from './checks.js';
import { PermissiveGateway } from './gateway-route.js';
import { referee } from './referee.js';

describe('a server behind the gateway, judged by the official referee', () => {
  let upstream: ConformanceServer;
  let gateway: PermissiveGateway;

  beforeEach(async () => {
    upstream = await conformanceServer();
    gateway = await PermissiveGateway.start();
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.close();
  });

  it.each([
    ['2025-06-18', ['--suite', 'all', '--spec-version', '2025-06-18'], 56],
    ['2025-11-25', ['--requirements', '2025-11-25'], 84],
    ['2026-07-28', ['--requirements', '2026-07-28'], 164],
  ])('[gateway/conformance] passes every check of %s that it passes directly', async (revision, requirements, passed) => {
    const through = await gateway.openDoor(await gateway.route(upstream.url));
    const direct = await referee(['server', '--url', upstream.url, ...requirements]);
    const relayed = await referee(['server', '--url', through, ...requirements]);
    expect(count(direct, 'SUCCESS')).toBe(passed);
    expect(complaints(direct).filter((complaint) => !complaint.startsWith('tasks-'))).toEqual([]);
    expect(lost(direct, relayed), complaints(relayed).join('\n')).toEqual(expectedIn(`server ${revision}`));
    expect(gateway.inner.fatal).toEqual([]);
  });
});
