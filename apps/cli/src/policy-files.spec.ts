import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runCommandLine } from './program.js';

let folder: string;
let server: Server;
let url: string;
let answers: readonly object[];
let seen: Record<string, unknown>[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-policies-'));
  seen = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push((JSON.parse(Buffer.concat(chunks).toString()) as { variables: Record<string, unknown> }).variables);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: answers[Math.min(seen.length, answers.length) - 1] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function run(...argv: readonly string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const exitCode = await runCommandLine(argv, {
    nowMs: () => Date.parse('2026-11-21T12:00:00Z'),
    start: async () => 0,
    terminal: {
      out: (text) => (written.out += text),
      err: (text) => (written.err += text),
      colour: false,
      progress: false,
      environment: { SALLYPORT_URL: url, SALLYPORT_TOKEN: 'sp_usr_t' },
      folder,
      home: folder,
      readStdin: async () => '',
    },
  });
  return { exitCode, ...written };
}

const file = (name: string, text = '{}') => writeFileSync(join(folder, name), text);
const finding = (pointer: string, edit: unknown) => ({ severity: 'warning', code: 'unknown_tool', pointer, message: 'm', fix: 'f', edit });
const findings = (...found: readonly object[]) => ({ lintPolicy: { __typename: 'PolicyFindings', findings: found } });

describe('sallyport policy lint --fix', () => {
  it('carries certain fixes out, the last first, keeps numbers to their last digit, and tells what is left', async () => {
    file('p.json', '{"tools": {"stopp": {"limits": [{"max": 9007199254740993}]}}, "hide": ["a", "b"]}');
    const first = finding('/tools/stopp', [{ op: 'move', from: '/tools/stopp', path: '/tools/stop' }]);
    answers = [findings(first, finding('/hide/1', [{ op: 'remove', path: '/hide/1' }]), finding('/x', null)), findings(finding('/x', null))];
    const { exitCode, out } = await run('policy', 'lint', 'p.json', '--fix', '--json');
    expect({ exitCode, answer: JSON.parse(out) }).toEqual({ exitCode: 0, answer: { findings: [{ severity: 'warning', code: 'unknown_tool', pointer: '/x', message: 'm', fix: 'f' }], fixed: 2 } });
    const fixed = readFileSync(join(folder, 'p.json'), 'utf8');
    expect(fixed).toContain('"max": 9007199254740993');
    expect(JSON.parse(fixed)).toMatchObject({ tools: { stop: {} }, hide: ['a'] });
    expect(seen[1]?.['document']).toBe(fixed);
  });

  it('leaves a file alone that nothing is certain about', async () => {
    file('p.json', '{ "odd":   1 }');
    answers = [findings(finding('/odd', null))];
    expect((await run('policy', 'lint', 'p.json', '--fix')).out).toContain('Fixed 0.');
    expect(readFileSync(join(folder, 'p.json'), 'utf8')).toBe('{ "odd":   1 }');
    expect((await run('policy', 'lint', '-', '--fix')).exitCode).toBe(2);
  });
});

describe('sallyport policy test', () => {
  const outcome = (name: string, passed: boolean) => ({ name, passed, want: { effect: 'deny', rule: null, reason: null, message: null }, seen: { effect: passed ? 'deny' : 'allow', rule: '/r', reason: null, message: null }, deniedBefore: 0 });
  const report = (...outcomes: readonly ReturnType<typeof outcome>[]) => {
    const failed = outcomes.filter(({ passed }) => !passed).length;
    return { testPolicy: { __typename: 'PolicyTestReport', passed: outcomes.length - failed, failed, outcomes } };
  };

  it.each([
    ['refunds.tests.yaml', { document: '{"p":1}' }],
    ['refunds.json', { document: '{"p":1}' }],
    ['other.tests.json', { policy: 'other' }],
  ])('finds the policy and its tests from %s', async (name, policy) => {
    file('refunds.json', '{"p":1}');
    file('refunds.tests.yaml', 'tests: []');
    file('other.tests.json', 'tests: []');
    answers = [report(outcome('a', true))];
    expect((await run('policy', 'test', name)).exitCode).toBe(0);
    expect(seen[0]).toEqual({ input: { policy, tests: 'tests: []' } });
  });

  it('runs several files, and ends with 1 when a test fails', async () => {
    file('a.tests.yaml');
    file('b.tests.yaml');
    answers = [report(outcome('one', true)), report(outcome('two', false))];
    const { exitCode, out } = await run('policy', 'test', 'a.tests.yaml', 'b.tests.yaml', '--policy', 'refunds@3', '--json');
    expect({ exitCode, answer: JSON.parse(out) }).toMatchObject({ exitCode: 1, answer: { passed: 1, failed: 1, files: [{ file: 'a.tests.yaml', policy: 'refunds@3' }, { file: 'b.tests.yaml', outcomes: [{ name: 'two', passed: false }] }] } });
    expect((await run('policy', 'test', 'nothing.json')).exitCode).toBe(2);
  });

  it('tells the line of tests that cannot be read', async () => {
    file('a.tests.yaml');
    answers = [{ testPolicy: { __typename: 'TextRejected', code: 'policy.tests_invalid', message: 'Line 2, column 3: m', pointer: '/tests', placed: [{ severity: 'error', code: 'c', pointer: '/tests', message: 'm', fix: null, line: 2, column: 3 }] } }];
    const { exitCode, err } = await run('policy', 'test', 'a.tests.yaml');
    expect(exitCode).toBe(1);
    expect(err).toContain('line 2:3 /tests: m');
  });
});

describe('sallyport policy shadow, promote and import', () => {
  it('name the version to run, or say off', async () => {
    answers = [{ shadowPolicy: { __typename: 'ShadowPolicyPayload', policyId: 'p', shadowVersion: 4, revision: 9, enforcement: null } }];
    expect(JSON.parse((await run('policy', 'shadow', 'refunds@4', '--json')).out)).toEqual({ policyId: 'p', version: 4, revision: 9 });
    expect(seen[0]).toMatchObject({ input: { policy: 'refunds', version: 4 } });
    await run('policy', 'shadow', 'refunds', '--off');
    expect(seen[1]).toMatchObject({ input: { policy: 'refunds', version: null } });
    expect((await run('policy', 'shadow', 'refunds@4', '--off')).exitCode).toBe(2);
  });

  it('promote a version', async () => {
    answers = [{ promotePolicy: { __typename: 'PromotePolicyPayload', policyId: 'p', version: 5, unchanged: false, revision: 9, enforcement: null } }];
    expect(JSON.parse((await run('policy', 'promote', 'refunds@4', '--json')).out)).toEqual({ policyId: 'p', version: 5, revision: 9, unchanged: false });
    answers = [{ promotePolicy: { __typename: 'Refusal', code: 'policy.tests_failed', message: 'm', pointer: '/tests' } }];
    expect((await run('policy', 'promote', 'refunds')).exitCode).toBe(1);
  });

  it('print the converted document alone on stdout', async () => {
    file('old.yaml', 'version: "1"');
    answers = [{ importPolicy: { __typename: 'ImportedPolicy', document: '{"default":"allow","n":9007199254740993}', notes: [{ severity: 'warning', code: 'c', pointer: '', message: 'note', fix: null, line: 1, column: 1 }] } }];
    const { out, err } = await run('policy', 'import', 'old.yaml');
    expect(out).toBe('{\n  "default": "allow",\n  "n": 9007199254740993\n}\n');
    expect(err).toContain('line 1:1 /: note');
    expect(seen[0]).toEqual({ text: 'version: "1"' });
  });
});

describe('sallyport server label', () => {
  it('says what is given, and takes away what is none', async () => {
    answers = [{ labelTool: { __typename: 'LabelToolPayload', server: { id: 's', slug: 'pay', tools: [{ name: 'refund', category: 'Financial', risk: null }] }, revision: 3, enforcement: null } }];
    const { out } = await run('server', 'label', 'pay', 'refund', '--category', 'Financial', '--risk', 'none', '--json');
    expect(JSON.parse(out)).toEqual({ serverId: 's', slug: 'pay', tool: 'refund', category: 'Financial', risk: null, revision: 3 });
    expect(seen[0]).toEqual({ input: { server: 'pay', tool: 'refund', category: 'Financial', risk: null, waitFor: 'COMMITTED' } });
    expect((await run('server', 'label', 'pay', 'refund')).exitCode).toBe(2);
    expect((await run('server', 'label', 'pay', 'refund', '--risk', 'Enormous')).exitCode).toBe(2);
  });
});
