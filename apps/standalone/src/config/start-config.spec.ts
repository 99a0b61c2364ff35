import { describe, expect, it } from 'vitest';

import { startConfig } from './start-config.js';

const problemsOf = (...given: Parameters<typeof startConfig>): readonly string[] => {
  const read = startConfig(...given);
  return read.ok ? [] : read.refusal;
};

describe('configuration of a start', () => {
  it('needs nothing: loopback, the folder here, demonstration on', () => {
    expect(startConfig({}, {})).toMatchObject({
      ok: true,
      value: { listen: { host: '127.0.0.1', port: 7400 }, demo: true, json: false, databaseUrl: null, logLevel: 'warn' },
    });
  });

  it('takes a flag before its variable', () => {
    expect(startConfig({ listen: '0' }, { SALLYPORT_LISTEN: '127.0.0.1:9000' })).toMatchObject({ value: { listen: { port: 0 } } });
  });

  it('says one sentence for each bad or unknown variable, without its value', () => {
    const problems = problemsOf({}, { SALLYPORT_LISTNE: 'secret-1', SALLYPORT_LOG: 'secret-2', DATABASE_URL: 'secret-3' });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('secret');
    expect(problems[0]).toContain('SALLYPORT_LISTNE');
  });

  it('does not open to the network without TLS or a proxy', () => {
    expect(problemsOf({ listen: '0.0.0.0:7400' }, {})[0]).toContain('--behind-proxy');
    expect(problemsOf({ listen: '0.0.0.0:7400', behindProxy: true }, {})).toEqual([]);
    expect(problemsOf({ listen: '[::]:7400', tlsCert: 'c', tlsKey: 'k' }, {})).toEqual([]);
    expect(problemsOf({ listen: '[::1]:7400' }, {})).toEqual([]);
  });

  it.each(['70000', 'host', 'a:b:1', '[zz]:1', '-1'])('refuses the address %j', (listen) => {
    expect(problemsOf({ listen }, {})[0]).toContain('--listen');
  });

  it('wants one root key, not two', () => {
    expect(problemsOf({}, { SALLYPORT_ROOT_KEY: 'a', SALLYPORT_ROOT_KEY_FILE: 'b' })[0]).toContain('not both');
  });
});
