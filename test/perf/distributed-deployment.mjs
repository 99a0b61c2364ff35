// A distributed deployment of this machine for measurements and soaks: the launcher's processes over a Kafka, PostgreSQL and Redis
// of its own, each within reach. Needs `npm run build` before.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import {
  AdminClient, CreateIdentityDocument, IssueGrantDocument, PublishPolicyDocument, ReadEnforcementDocument, RegisterServerDocument, RevokeGrantDocument,
} from '@sallyport/graphql-contract';
import { startPostgres } from '@sallyport/postgres-embedded';
import { startKafka, startRedis } from '@sallyport/services-local';
import pg from 'pg';

import { removePlaces } from './scratch-postgres.mjs';

const LAUNCHER = fileURLToPath(new URL('../../apps/standalone/dist/distributed/main.js', import.meta.url));
const OURS = /^(SALLYPORT_|DATABASE_URL$|REDIS_URL$|KAFKA_|NODE_OPTIONS$|npm_)/;
const UPDATE_SETTINGS = `mutation($input: UpdateOrganisationInput!) { updateOrganisation(input: $input) { __typename ... on Refusal { code message } } }`;

/** Kafka, PostgreSQL and Redis, of which each can be killed, stalled and started again where it was. */
class Services {
  static async start(folder) {
    const services = new Services();
    services.folder = folder;
    mkdirSync(join(folder, 'postgres'), { mode: 0o755 }); // PostgreSQL does not run as root
    [services.kafka, services.redis, services.postgres] = await Promise.all([
      startKafka({ dataFolder: join(folder, 'kafka') }),
      startRedis({ dataFolder: join(folder, 'redis') }),
      startPostgres({ dataFolder: join(folder, 'postgres'), database: 'sallyport' }),
    ]);
    return services;
  }

  get env() {
    return { KAFKA_BROKERS: this.kafka.brokers, REDIS_URL: this.redis.url, DATABASE_URL: this.postgres.url };
  }

  killKafka() {
    return this.kafka.nodes[0].crash();
  }

  restartKafka() {
    return this.kafka.restart(1);
  }

  /** Kills PostgreSQL and every session of it without a word, and starts it again on its data and port. Resolves when it answers. */
  async restartPostgres() {
    const pid = this.postgresAgain?.pid ?? this.postgres.pid;
    const { uid, gid } = statSync(`/proc/${pid}`);
    const { program, args, env } = copyOf(pid);
    process.kill(pid, 'SIGQUIT');
    while (isAlive(pid)) await pause(20);
    this.postgresAgain = spawn(program, args, { env, uid, gid, cwd: '/', stdio: 'ignore' });
    while (!(await answers(this.postgres.url))) await pause(50);
  }

  async stop() {
    this.postgresAgain?.kill('SIGINT');
    await Promise.all([this.kafka.stop(), this.redis.stop(), this.postgres.stop(), ...(this.postgresAgain === undefined ? [] : [ended(this.postgresAgain)])]);
    removePlaces(join(this.folder, 'postgres'));
  }
}

/** A deployment that is ready. Workers and the control plane are `{ name, pid, url }`; a restart gives another pid at the same address. */
export class Deployment {
  /** @param options.operatorFile Further parts of `sallyport.yaml`. @param options.logFile Where its processes' logs go; stderr unless said. */
  static async start({ workers = 4, operatorFile = '', logFile } = {}) {
    const deployment = new Deployment();
    deployment.stderr = logFile === undefined ? 'inherit' : openSync(logFile, 'a', 0o600);
    deployment.folder = mkdtempSync(join(tmpdir(), 'sallyport-deployment-'));
    chmodSync(deployment.folder, 0o755);
    deployment.restarted = new Map();
    deployment.names = 0;
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void deployment.stop().finally(() => process.exit(1)));
    try {
      deployment.services = await Services.start(deployment.folder);
      await deployment.launch(workers, operatorFile);
      return deployment;
    } catch (caught) {
      await deployment.stop();
      throw caught;
    }
  }

  async launch(workers, operatorFile) {
    const config = join(this.folder, 'sallyport.yaml');
    writeFileSync(config, `egress:\n  allow: [127.0.0.0/8, "::1/128"]\n${operatorFile}`);
    const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
    const args = ['--json', '--no-demo', '--workers', String(workers), '--listen', '127.0.0.1:0', '--data', join(this.folder, 'data'), '--config', config];
    const env = { ...plain, SALLYPORT_LOG: 'error', ...this.services.env };
    this.launcher = spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: ['ignore', 'pipe', this.stderr] });
    const ready = await untilReady(this.launcher);
    this.workers = ready.workers.map(({ workerId, url, pid }) => ({ name: workerId, url, pid }));
    this.controlPlane = { name: 'control-plane', url: ready.url, pid: ready.processes.find(({ role }) => role === 'control-plane').pid };
  }

  get admin() {
    return new AdminClient({ url: this.controlPlane.url, token: JSON.parse(readFileSync(join(this.folder, 'data', 'cli.json'), 'utf8')).token });
  }

  name(prefix) {
    this.names += 1;
    return `${prefix}-${this.names}`;
  }

  /** Registers a server without a network policy of its own. */
  async register(slug, url) {
    accepted((await this.admin.run(RegisterServerDocument, { input: { slug, url, headers: [], waitFor: 'ENFORCED' } })).registerServer);
  }

  /** Publishes a policy and waits until it is in force. Answers its name. */
  async publish(document) {
    const name = this.name('policy');
    accepted((await this.admin.run(PublishPolicyDocument, { input: { name, document: JSON.stringify(document), waitFor: 'ENFORCED' } })).publishPolicy);
    return name;
  }

  /** Changes settings of the organisation, and waits until every worker has. */
  async configure(input) {
    accepted((await this.admin.run({ toString: () => UPDATE_SETTINGS }, { input: { ...input, waitFor: 'ENFORCED' } })).updateOrganisation);
  }

  async identity() {
    const name = this.name('agent');
    accepted((await this.admin.run(CreateIdentityDocument, { input: { name, kind: 'agent', labels: [] } })).createIdentity);
    return name;
  }

  /** Issues a grant, to a new identity unless one is given. Answers `{ grantId, token, revision, enforcement }`. */
  async grant(server, policy, { identity, waitFor = 'ENFORCED' } = {}) {
    const input = { identity: identity ?? (await this.identity()), server, policy, waitFor };
    return accepted((await this.admin.run(IssueGrantDocument, { input })).issueGrant);
  }

  /** Revokes a grant. Answers `{ revision, enforcement }`. */
  async revoke(grantId, waitFor = 'ENFORCED') {
    return accepted((await this.admin.run(RevokeGrantDocument, { input: { grant: grantId, waitFor } })).revokeGrant);
  }

  /** Waits, at most 15 s, until every worker has applied a revision. Whether they have. */
  async enforced(revision) {
    return (await this.admin.run(ReadEnforcementDocument, { revision, waitFor: 'ENFORCED' })).enforcement.reached;
  }

  /** Runs a query as the database's owner. */
  async query(text, values = []) {
    const client = new pg.Client({ connectionString: this.services.postgres.url });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Kills a worker or the control plane without a word. Resolves with what starts the same again, at the same address. */
  async kill(part) {
    const copy = copyOf(part.pid);
    process.kill(part.pid, 'SIGKILL');
    while (isAlive(part.pid)) await pause(10);
    return () => this.startAgain(part, copy);
  }

  async startAgain(part, { program, args, env }) {
    const { host } = new URL(part.url);
    const child = spawn(program, args.map((arg, index) => (args[index - 1] === '--listen' ? host : arg)), { env, stdio: ['pipe', 'pipe', this.stderr] });
    this.restarted.get(part.name)?.stdin.destroy();
    this.restarted.set(part.name, child);
    part.pid = child.pid;
    await untilReady(child);
  }

  /** Ends every process and removes everything. */
  async stop() {
    const children = [...(this.restarted?.values() ?? [])];
    for (const child of children) child.stdin.end();
    await Promise.all(children.map(ended));
    if (this.launcher !== undefined) {
      this.launcher.kill('SIGTERM');
      await ended(this.launcher);
    }
    await this.services?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a mutation made. */
export function accepted(answer) {
  if (answer.__typename === 'Refusal' || answer.__typename === 'PolicyRejected') throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
}

/** Milliseconds of a core that a process has used since its start. Linux only. */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function answers(connectionString) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

function copyOf(pid) {
  const parts = (file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
  const [program, ...args] = parts('cmdline');
  return { program, args, env: Object.fromEntries(parts('environ').map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)])) };
}

/** Whether a process runs; one that only waits to be collected does not. */
function isAlive(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function untilReady(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text);
      if (line.event === 'ready') resolve(line);
    });
    child.once('exit', (code, signal) => reject(new Error(`it ended (${code ?? signal}) before it was ready`)));
  });
}
