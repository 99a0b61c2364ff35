import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

import { buildSchema, getNamedType, graphql, isEnumType, isListType, isNonNullType, isObjectType, isUnionType, type GraphQLOutputType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCommandLine } from '../../apps/cli/src/program.js';
import { jsonReporter } from '../../apps/standalone/src/output/json-reporter.js';

const schema = buildSchema(readFileSync(new URL('../../libs/graphql-contract/schema.graphql', import.meta.url), 'utf8'));
const SCALARS: Readonly<Record<string, unknown>> = { Boolean: true, Int: 1, Float: 1, DateTime: '2026-11-21T12:00:00.000Z', Duration: 'PT1H', JSON: '{}' };

let server: Server;
let url: string;
let folder: string;

/** Something of a type, so that any operation can be answered: one item in a list, a union's payload. */
function sample(type: GraphQLOutputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType);
  if (isListType(type)) return [sample(type.ofType)];
  const named = getNamedType(type);
  if (isUnionType(named)) return { __typename: named.getTypes().find(({ name }) => !['Refusal', 'PolicyRejected'].includes(name))?.name };
  if (isObjectType(named)) return {};
  return isEnumType(named) ? named.getValues()[0]?.value : (SCALARS[named.name] ?? 'text');
}

async function answer(body: { query: string; variables: Record<string, unknown> }): Promise<unknown> {
  return graphql({
    schema,
    source: body.query,
    variableValues: body.variables,
    fieldResolver: (_source, _args, _context, info) => sample(info.returnType),
    typeResolver: (value) => (value as { __typename: string }).__typename,
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-pins-'));
  writeFileSync(join(folder, 'policy.json'), '{}');
  server = createServer((request, response) => {
    void json(request)
      .then((body) => answer(body as Parameters<typeof answer>[0]))
      .then((answered) => response.setHeader('content-type', 'application/json').end(JSON.stringify(answered)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function jsonOf(command: string): Promise<unknown> {
  let [out, err] = ['', ''];
  const argv = [...command.replace('FILE', join(folder, 'policy.json')).split(' '), '--json'];
  await runCommandLine(argv, {
    nowMs: () => Date.parse('2026-11-21T12:00:00Z'),
    start: async () => 0,
    terminal: {
      out: (text) => (out += text),
      err: (text) => (err += text),
      colour: false,
      progress: false,
      environment: { SALLYPORT_URL: url, SALLYPORT_TOKEN: 'sp_usr_t' },
      folder,
      home: folder,
      readStdin: async () => '',
    },
  });
  if (out === '') throw new Error(err);
  return JSON.parse(out);
}

const keysOf = (value: unknown): readonly string[] => Object.keys(value as object);
const itemOf = (value: unknown): unknown => (value as { items: readonly unknown[] }).items[0];

describe('what the CLI prints for scripts', () => {
  it.each([
    ['grant issue --identity i --server s --policy p', ['grantId', 'token', 'url', 'revision']],
    ['grant issue --identity i --server s --policy p --wait enforced', ['grantId', 'token', 'url', 'revision', 'reached', 'outstanding']],
    ['grant rotate g', ['grantId', 'token', 'url', 'revision']],
    ['grant revoke g', ['grantId', 'status', 'revision']],
    ['policy publish p FILE', ['policyId', 'version', 'revision', 'findings']],
    ['policy rollback p --to 1', ['policyId', 'version', 'revision']],
    ['policy lint FILE', ['findings']],
    ['policy try FILE --server s --tool t', ['verdict', 'ruleId', 'explanation']],
    ['org create o', ['revision']],
    ['member add m --role viewer', ['revision']],
    ['token create --role viewer', ['token', 'revision']],
    ['server add s --url https://mcp.example/mcp', ['revision']],
    ['server disable s', ['revision']],
    ['identity create i --kind agent', ['identityId', 'labels', 'groups', 'revision']],
    ['identity show i', ['identityId', 'labels', 'groups']],
    ['identity regroup i --group ops', ['identityId', 'groups', 'revision']],
    ['identity disable i', ['revision']],
    ['revision', ['revision']],
    ['decisions list', ['items', 'nextCursor']],
    ['grant list', ['items', 'nextCursor']],
    ['events list', ['items', 'nextCursor']],
    ['policy list', ['items', 'nextCursor']],
  ])('%s has %j', async (command, keys) => {
    expect(keysOf(await jsonOf(command))).toEqual(expect.arrayContaining([...keys]));
  });

  it('names a decision’s parts', async () => {
    expect(keysOf(itemOf(await jsonOf('decisions list')))).toEqual(
      expect.arrayContaining(['decisionId', 'at', 'outcome', 'reasonCode', 'server', 'tool', 'identity', 'grantId', 'ruleId', 'policyVersion', 'revision', 'argumentKeys', 'durationMs']),
    );
  });

  it('names a finding’s parts', async () => {
    expect(keysOf(((await jsonOf('policy lint FILE')) as { findings: readonly unknown[] }).findings[0])).toEqual(['severity', 'code', 'pointer', 'message', 'fix']);
  });

  it('lists workers as a plain list', async () => {
    expect(keysOf(((await jsonOf('worker list')) as readonly unknown[])[0])).toEqual(['workerId', 'appliedRevision', 'stampAgeMs', 'state']);
  });
});

describe('what a start prints for scripts', () => {
  it('is one object a line, with these keys', () => {
    const lines: string[] = [];
    const reporter = jsonReporter((line) => void lines.push(line));
    reporter.adminToken('t');
    reporter.demoCall({ server: 's', tool: 't', outcome: 'allowed', decisionId: 'd', ruleId: null });
    reporter.clientConfig({ mcpServers: {} });
    reporter.ready({ url: 'u', graphqlUrl: 'g', gatewayUrl: 'w', dataDir: 'd', firstRun: true, elapsedMs: 1 });
    expect(lines.map((line) => [JSON.parse(line).event, keysOf(JSON.parse(line))])).toEqual([
      ['admin_token', ['event', 'token']],
      ['demo_call', ['event', 'server', 'tool', 'outcome', 'decisionId', 'ruleId']],
      ['client_config', ['event', 'config']],
      ['ready', ['event', 'url', 'graphqlUrl', 'gatewayUrl', 'dataDir', 'firstRun', 'elapsedMs']],
    ]);
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
  });
});
