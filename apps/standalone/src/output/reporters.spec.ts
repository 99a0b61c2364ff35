import { describe, expect, it } from 'vitest';

import { jsonReporter } from './json-reporter.js';
import { terminalReporter } from './terminal-reporter.js';

const call = { server: 'everything', tool: 'echo', outcome: 'allowed', decisionId: 'd-1', ruleId: '/tools/echo' } as const;
const report = { url: 'http://127.0.0.1:7400', graphqlUrl: 'http://127.0.0.1:7400/graphql', gatewayUrl: 'http://127.0.0.1:7400', dataDir: '/data', firstRun: true, elapsedMs: 2_345 };

function capture() {
  const lines: string[] = [];
  return { lines, write: (text: string) => void lines.push(text) };
}

describe('start reporters', () => {
  it('write one JSON object a line for scripts, and nothing else', () => {
    const { lines, write } = capture();
    const reporter = jsonReporter(write);
    reporter.step('Making the database');
    reporter.adminToken('sp_usr_x');
    reporter.demoCall(call);
    reporter.ready(report);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: 'admin_token', token: 'sp_usr_x' },
      { event: 'demo_call', ...call },
      { event: 'ready', ...report },
    ]);
  });

  it('write plain lines for a person where there is no colour', () => {
    const { lines, write } = capture();
    const reporter = terminalReporter(write, false);
    reporter.demoCall(call);
    reporter.ready(report);
    expect(lines.join('')).not.toContain('\u001b');
    expect(lines[0]).toMatch(/allowed +everything\/echo +rule \/tools\/echo +decision d-1/);
    expect(lines[1]).toContain('ready after 2.3 s');
  });
});
