import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Terminal } from '../terminal.js';
import { findSession } from './credentials.js';

const CONTROL_PLANE = 'http://127.0.0.1:7400';
const WORKER = 'http://127.0.0.1:7401';

describe('where the gateway is', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const keep = (kept: object): void => writeFileSync(join(folder, 'cli.json'), JSON.stringify({ url: CONTROL_PLANE, token: 'kept', ...kept }));
  const gatewayOf = (environment: Readonly<Record<string, string>> = {}, url?: string): string => {
    const terminal = { environment: { SALLYPORT_DATA: folder, ...environment }, folder, home: folder } as unknown as Terminal;
    return findSession(url === undefined ? {} : { url }, terminal).gatewayUrl;
  };

  it('is said by the folder of a deployment whose workers have addresses of their own', () => {
    keep({ gatewayUrl: WORKER });
    expect(gatewayOf()).toBe(WORKER);
    expect(gatewayOf({}, CONTROL_PLANE)).toBe(WORKER);
  });

  it('is where the control plane is, unless somebody says otherwise', () => {
    keep({});
    expect(gatewayOf()).toBe(CONTROL_PLANE);
    expect(gatewayOf({ SALLYPORT_GATEWAY_URL: 'http://127.0.0.1:9' })).toBe('http://127.0.0.1:9');
  });

  it('is not taken from another deployment than the one that is asked', () => {
    keep({ gatewayUrl: WORKER });
    expect(gatewayOf({}, 'http://127.0.0.1:8')).toBe('http://127.0.0.1:8');
  });
});
