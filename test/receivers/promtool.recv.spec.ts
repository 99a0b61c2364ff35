import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeAll, describe, expect, it } from 'vitest';

import { goBinary } from './cached-build.js';

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL('../../deploy/siem/prometheus', import.meta.url));

describe('Prometheus’ own promtool', () => {
  let promtool = '';
  beforeAll(async () => {
    promtool = await goBinary(fileURLToPath(new URL('./promtool', import.meta.url)), 'github.com/prometheus/prometheus/cmd/promtool');
  });

  it('finds the alert rules well formed', async () => {
    const { stdout } = await run(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', 'sallyport.rules.yaml'], { cwd: FOLDER });
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });

  it('sees each alert fire when it should, and not before', async () => {
    const { stdout } = await run(promtool, ['test', 'rules', 'sallyport.tests.yaml'], { cwd: FOLDER });
    expect(stdout).toContain('SUCCESS');
  });
});
