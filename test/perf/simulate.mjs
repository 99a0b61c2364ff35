// What a simulation over many recorded decisions costs, from the rows of PostgreSQL to the report: `npm run bench:simulate [-- --json] [--decisions N]`
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { AdminClient, CreateIdentityDocument, PublishPolicyDocument, SimulatePolicyDocument } from '@sallyport/graphql-contract';
import { startPostgres } from '@sallyport/postgres-embedded';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import { WebSocket } from 'ws';

import { accepted, cpuMs } from './distributed-deployment.mjs';
import { recordDecisions, SINCE } from './recorded-decisions.mjs';
import { tellVerdict, verdictsOf } from './verdicts.mjs';

const SALLYPORT = fileURLToPath(new URL('../../apps/cli/bin/sallyport.mjs', import.meta.url));
const OURS = /^(SALLYPORT_|DATABASE_URL$|npm_)/;
const IDENTITIES = 60;
/** For the page that was in hand when the reader went, and for the engine to collect what it left. */
const LET_GO_MS = 1_000;
/** How long a simulation whose reader has gone is watched; it would have two thirds of its work left. */
const WATCHED_MS = 3_000;

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, decisions: { type: 'string', default: '1000000' } } });
const decisions = Number(flags.decisions);
const say = (line) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`);

/** Forty tools with some twenty rules each, and three limits that all their calls take. */
function draft() {
  const compare = (path, op, value) => ({ conditions: [{ path, op, value }] });
  const rule = {
    deny_if: Array.from({ length: 12 }, (_, n) => compare(`args.field_${n}`, 'eq', `forbidden-${n}`)),
    require: [compare('args.amount', 'lte', 100), compare('args.currency', 'in', ['EUR', 'USD']), compare('server.slug', 'eq', 'billing'), compare('identity.labels.team', 'eq', 'ops'), compare('time.hour', 'gte', 0)],
  };
  const limits = [
    { counter: 'calls', window: 'minute', max: 500 },
    { counter: 'daily', window: 'day', max: 4_000, scope: 'identity' },
    { counter: 'lately', window: 600, algorithm: 'sliding', max: 900 },
  ];
  return { version: '1', default: 'deny', all_tools: { limits }, tools: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`tool_${n}`, rule])) };
}

/** The whole product in one process, over a PostgreSQL of its own. */
class Product {
  static async start() {
    const product = new Product();
    product.folder = mkdtempSync(join(tmpdir(), 'sallyport-simulate-'));
    chmodSync(product.folder, 0o755);
    mkdirSync(join(product.folder, 'postgres'), { mode: 0o755 }); // PostgreSQL does not run as root
    product.postgres = await startPostgres({ dataFolder: join(product.folder, 'postgres'), database: 'sallyport' });
    product.sql = new pg.Client({ connectionString: product.postgres.url });
    await product.sql.connect();
    const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
    const args = [SALLYPORT, 'start', '--json', '--no-demo', '--listen', '127.0.0.1:0', '--data', join(product.folder, 'data')];
    product.child = spawn(process.execPath, args, { cwd: product.folder, env: { ...plain, SALLYPORT_LOG: 'error', DATABASE_URL: product.postgres.url }, stdio: ['ignore', 'pipe', 'inherit'] });
    product.url = (await untilReady(product.child)).url;
    product.token = JSON.parse(readFileSync(join(product.folder, 'data', 'cli.json'), 'utf8')).token;
    return product;
  }

  get admin() {
    return new AdminClient({ url: this.url, token: this.token });
  }

  /** Follows one simulation. `seen` is told every delivery, and may end it by answering `false`. */
  async simulate(seen) {
    const client = createClient({ url: `${this.url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${this.token}` }, retryAttempts: 0 });
    const input = { policy: { document: draft() }, of: 'live', since: SINCE };
    try {
      for await (const { data, errors } of client.iterate({ query: SimulatePolicyDocument.toString(), variables: { input } })) {
        if (errors !== undefined) throw new Error(JSON.stringify(errors));
        if (seen(data.simulatePolicy) === false) return;
      }
    } finally {
      await client.dispose();
    }
  }

  /** Milliseconds of a core that the sessions of the database have used. */
  async databaseCpuMs() {
    const { rows } = await this.sql.query(`SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`);
    return rows.reduce((sum, { pid }) => sum + cpuMs(pid), 0);
  }

  async stop() {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    await this.sql.end();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function untilReady(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text);
      if (line.event === 'ready') resolve(line);
    });
    child.once('exit', (code) => reject(new Error(`it ended (${code}) before it was ready`)));
  });
}

/** Sixty labelled identities and a policy, and what they decided. */
async function populate(product) {
  const identities = [];
  for (let n = 0; n < IDENTITIES; n += 1) {
    const input = { name: `agent-${n}`, kind: 'agent', labels: [{ key: 'team', value: n % 10 === 0 ? 'sales' : 'ops' }] };
    identities.push(accepted((await product.admin.run(CreateIdentityDocument, { input })).createIdentity).identity.id);
  }
  const policy = accepted((await product.admin.run(PublishPolicyDocument, { input: { name: 'live', document: JSON.stringify({ version: '1', default: 'allow' }) } })).publishPolicy);
  await recordDecisions({ sql: product.sql, rootKeyFile: join(product.folder, 'data', 'root.key'), decisions, identities, policyId: policy.policyId });
}

async function measureWhole(product) {
  const [told, gapsMs] = [[], []];
  const before = { plane: cpuMs(product.child.pid), database: await product.databaseCpuMs() };
  const beganMs = performance.now();
  let toldMs = beganMs;
  await product.simulate((step) => {
    told.push(step);
    gapsMs.push(performance.now() - toldMs);
    toldMs = performance.now();
    if (step.__typename === 'SimulationProgress') say(`  ${step.taken} of ${step.total} after ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`);
  });
  const seconds = (performance.now() - beganMs) / 1_000;
  const report = told.at(-1);
  return {
    decisions, counted: report.counted ?? 0, missing: decisions - (report.taken ?? 0), changed: report.changed, unchanged: report.unchanged, unknown: report.unknown,
    seconds: rounded(seconds),
    cpuSeconds: rounded((cpuMs(product.child.pid) - before.plane) / 1_000),
    databaseCpuSeconds: rounded(((await product.databaseCpuMs()) - before.database) / 1_000),
    progressSteps: told.length - 1,
    longestSilenceMs: Math.round(Math.max(...gapsMs)),
  };
}

/** Ends a simulation after a third of it, and watches whether anything goes on. */
async function measureCancel(product) {
  let takenThen = 0;
  await product.simulate(({ __typename, taken, total }) => {
    if (__typename !== 'SimulationProgress' || taken < total / 3) return true;
    takenThen = taken;
    return false;
  });
  await pause(LET_GO_MS);
  const before = cpuMs(product.child.pid);
  await pause(WATCHED_MS);
  return { takenThen, cpuMsAfter: cpuMs(product.child.pid) - before };
}

const rounded = (value) => Number(value.toFixed(2));

const product = await Product.start();
try {
  say(`recording ${decisions} decisions`);
  await populate(product);
  say('simulating');
  const report = { node: process.version, simulate: await measureWhole(product), cancel: await measureCancel(product) };
  const verdicts = verdictsOf(report, JSON.parse(readFileSync(new URL('./simulate-budget.json', import.meta.url), 'utf8')));
  report.held = verdicts.every(({ held }) => held);
  say(JSON.stringify(report));
  for (const verdict of verdicts) say(tellVerdict(verdict));
  if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.held ? 0 : 1;
} finally {
  await product.stop();
}
