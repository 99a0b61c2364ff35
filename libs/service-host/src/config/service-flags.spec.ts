import { describe, expect, it } from 'vitest';

import { readProcessFlags } from './service-flags.js';

describe('flags of a process', () => {
  it('are those that every process takes, and its own', () => {
    const read = readProcessFlags(['--listen', '0', '--json', '--tls-cert', 'c', '--worker-id', 'w1'], ['worker-id']);
    expect(read).toEqual({ ok: true, value: { listen: '0', tlsCert: 'c', json: true, behindProxy: false, stopWithStdin: false, own: { 'worker-id': 'w1' } } });
  });

  it.each([[['--lisen', '0']], [['--listen']], [['stray']], [['--help']]])('answer one sentence to %j, with the flags there are', (argv) => {
    const read = readProcessFlags(argv, ['worker-id']);
    expect(read.ok ? '' : read.refusal).toMatch(/The flags are: --listen …,.*--worker-id …, --json/);
  });
});
