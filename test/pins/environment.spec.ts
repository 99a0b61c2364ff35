import { describe, expect, it } from 'vitest';

import { startConfig } from '../../apps/standalone/src/config/start-config.js';

describe('the environment', () => {
  it('keeps the names and defaults that deployments were written for', () => {
    const read = startConfig({}, {});
    expect(read).toMatchObject({ ok: true, value: { listen: { host: '127.0.0.1', port: 7400 }, dataFolder: expect.stringMatching(/\/\.sallyport$/), operatorFile: expect.stringMatching(/\/sallyport\.yaml$/) } });
    const given = startConfig({}, {
      SALLYPORT_LISTEN: '127.0.0.1:9000',
      SALLYPORT_DATA: '/data',
      SALLYPORT_CONFIG: '/etc/sallyport.yaml',
      SALLYPORT_LOG: 'debug',
      SALLYPORT_ROOT_KEY_FILE: '/run/key',
      SALLYPORT_GATEWAY_URL: 'https://gateway.example',
      SALLYPORT_URL: 'https://control.example',
      SALLYPORT_TOKEN: 't',
      SALLYPORT_TRUST_KEYS: 'k',
    });
    expect(given).toMatchObject({ ok: true, value: { listen: { host: '127.0.0.1', port: 9000 }, dataFolder: '/data', operatorFile: '/etc/sallyport.yaml', logLevel: 'debug', rootKeyFile: '/run/key', gatewayUrl: 'https://gateway.example' } });
    expect(startConfig({}, { SALLYPORT_ROOT_KEY: '00'.repeat(32) })).toMatchObject({ ok: true, value: { rootKey: '00'.repeat(32) } });
  });
});
