import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';

import { findCycles } from '../quality/cycles.mjs';
import { undocumented } from '../quality/docstrings.mjs';
import { writeProjectGraph } from '../quality/lint.mjs';

const root = new URL('../..', import.meta.url).pathname;
let eslint: ESLint;

beforeAll(() => {
  writeProjectGraph();
  eslint = new ESLint({
    cwd: root,
    overrideConfigFile: join(root, 'test/quality/eslint.config.mjs'),
    overrideConfig: {
      languageOptions: { parserOptions: { projectService: false } },
      rules: {
        '@typescript-eslint/no-floating-promises': 'off',
        '@typescript-eslint/no-misused-promises': 'off',
        '@typescript-eslint/switch-exhaustiveness-check': 'off',
      },
    },
  });
}, 60_000);

async function rulesBroken(filePath: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, filePath) });
  return (result?.messages ?? []).map((message) => message.message);
}

describe('layer and plane locks', () => {
  it.each([
    ['the kernel from a domain library', 'libs/kernel/src/sample.ts', "import { parseToken } from '@sallyport/tokens';"],
    ['a domain library from a port', 'libs/tokens/src/sample.ts', "import type { EventLog } from '@sallyport/event-log';"],
    ['a port from an adapter', 'libs/secrets/src/sample.ts', "import { RootKey } from '@sallyport/secrets-aes';"],
    ['an adapter from another adapter', 'libs/upstream/src/sample.ts', "import { RootKey } from '@sallyport/secrets-aes';"],
    ['a library from an app', 'libs/upstream/src/sample.ts', "import { buildGateway } from '@sallyport/gateway';"],
    ['one app from another', 'apps/gateway/src/sample.ts', "import { buildControlPlane } from '@sallyport/control-plane';"],
    ['the data plane from the control plane', 'apps/gateway/src/sample.ts', "import { decideGrant } from '@sallyport/control-domain';"],
    ['product code from test support', 'apps/gateway/src/sample.ts', "import { testDatabase } from '@sallyport/test-support';"],
  ])('keep %s apart', async (_what, file, text) => {
    expect(await rulesBroken(file, text)).toContainEqual(expect.stringMatching(/can only depend on|can not depend on|Imports of apps are forbidden/));
  });

  it.each([
    ['a framework', "import { Injectable } from '@nestjs/common';", /not allowed to import "@nestjs\/common"/],
    ['a Node built-in', "import { readFileSync } from 'node:fs';", /pure: no Node built-ins/],
    ['the clock', 'export const at = Date.now();', /no clock/],
    ['randomness', 'export const at = Math.random();', /no randomness/],
    ['the process', 'export const at = process.env;', /does not know its process/],
    ['timers', 'setTimeout(() => undefined, 1);', /no timers/],
  ])('keep %s out of the domain', async (_what, text, message) => {
    expect(await rulesBroken('libs/policy-engine/src/sample.ts', text)).toContainEqual(expect.stringMatching(message));
  });

  it('let an app use what lies below it', async () => {
    expect(await rulesBroken('apps/gateway/src/sample.ts', "import { parseToken } from '@sallyport/tokens';\nexport const parse = parseToken;")).toEqual([]);
  });
});

describe("the CLI's start", () => {
  it.each([
    ['the policy engine', "import { readJson } from '@sallyport/policy-engine';"],
    ['an MCP client', "import { Client } from '@modelcontextprotocol/sdk/client/index.js';"],
    ['what calls through the gateway', "import { callThroughGateway } from '../session/gateway-call.js';"],
  ])('does not load %s, which few commands need', async (_what, text) => {
    expect(await rulesBroken('apps/cli/src/commands/sample.ts', text)).toContainEqual(expect.stringMatching(/Every command would wait for it/));
  });

  it('may know their types', async () => {
    expect(await rulesBroken('apps/cli/src/commands/sample.ts', "import type { GatewayCallAnswer } from '../session/gateway-call.js';\nexport type Sample = GatewayCallAnswer;")).toEqual([]);
  });
});

describe('cycle lock', () => {
  it('sees a cycle of type imports', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-cycle-'));
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/a.ts'), "import type { B } from './b.js';\nexport interface A { b: B }\n");
    writeFileSync(join(folder, 'src/b.ts'), "import type { A } from './a.js';\nexport interface B { a: A }\n");
    const cycles = await findCycles(['src'], folder);
    rmSync(folder, { recursive: true });
    expect(cycles).toEqual(['src/a.ts → src/b.ts']);
  });

  it('sees none in the project', async () => {
    expect(await findCycles(['apps', 'libs'])).toEqual([]);
  }, 60_000);
});

describe('docstring lock', () => {
  it('sees an exported name without words', () => {
    expect(undocumented('sample.ts', 'export function silent(): void {}\n')).toEqual([expect.stringContaining(':1 silent')]);
    expect(undocumented('sample.ts', '/** Says why. */\nexport function spoken(): void {}\n')).toEqual([]);
  });
});
