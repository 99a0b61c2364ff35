import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  AddMemberDocument, ConfirmRevealDocument, CreateTokenDocument, ExplainDecisionDocument, ListDeadLettersDocument, ReadRevealDocument, RequestRevealDocument, ShowRevealDocument, ShowSinkDocument,
  type TypedDocumentString,
} from '@sallyport/graphql-contract';
import { newWebhookKey } from '@sallyport/sinks-http';
import { expect, vi } from 'vitest';

import { accepted } from './accepted.js';
import { ask } from './ask.js';
import { dumpOfPostgres } from './dump-of-postgres.js';
import { callOf, post, type Posted } from './post.js';
import { TELLING_TOOLS, tellingUpstream, type TellingUpstream } from './telling-upstream.js';
import { removeFolder, temporaryFolder } from './temporary-folder.js';
import { WebhookReceiver } from './webhook-receiver.js';
import { World, operatorFile, type Access, type WorldOptions } from './world.js';

const OWN_TOOLS = ['do_it', 'kept', 'begun', 'poison'];
const REDACTED = { response: { redact: [{ path: 'structuredContent.deep', action: 'remove' }, { detector: 'email', action: 'mask' }] } };
const POLICY = {
  version: '1',
  default: 'deny',
  tools: {
    do_it: { deny_if: [{ conditions: [{ path: 'args.bad', op: 'exists', value: true }] }] },
    kept: { record: 'full' },
    begun: { record: 'excerpt' },
    poison: {},
    ...Object.fromEntries(TELLING_TOOLS.map((tool) => [tool, REDACTED])),
  },
};
const DRAFT = { version: '1', default: 'allow', all_tools: { deny_if: [{ conditions: [{ path: 'args.note', op: 'matches', value: '^canary' }] }] } };
const FORMATS = ['ndjson', 'ocsf', 'ecs', 'cef', 'leef'];
const SOON = { timeout: 60_000, interval: 100 };

interface Parties {
  readonly world: World;
  readonly upstream: TellingUpstream;
  readonly receiver: WebhookReceiver;
  readonly barring: WebhookReceiver;
  readonly disk: string;
}

/**
 * A deployment that one secret was handed to wherever a customer can hand anything over, while its events were exported to receivers;
 * then values that were kept were revealed, and all was asked that has an answer. `placesWith` says where a text is after that.
 */
export class PlantedDeployment {
  /** What the readings of reveals wrote to stdout: the only places that may hold the secret. */
  readonly revealed: string[] = [];
  readonly signingKey = newWebhookKey();
  private readonly said: { readonly to: string; readonly text: string }[] = [];
  private dump = '';
  private calls = 0;
  private access: Access | undefined;

  private constructor(
    /** The one secret; where it was handed over stands behind it. */
    readonly canary: string,
    private readonly parties: Parties,
  ) {}

  /** Starts it, hands the secret over, asks everything, and stops it. */
  static async make(options: Pick<WorldOptions, 'workers'> = {}): Promise<PlantedDeployment> {
    const canary = `canary-${randomBytes(12).toString('hex')}`;
    const disk = temporaryFolder();
    const sinks = `sinks:\n  - { kind: file, directory: ${disk} }\n`;
    const [upstream, receiver, barring] = await Promise.all([tellingUpstream((where) => `${canary}-${where}`, OWN_TOOLS), WebhookReceiver.start(), WebhookReceiver.start()]);
    const world = await World.start({ ...options, env: { SALLYPORT_LOG: 'debug' }, operatorFile: operatorFile(sinks) });
    const planted = new PlantedDeployment(canary, { world, upstream, receiver, barring, disk });
    try {
      await planted.run();
      return planted;
    } catch (caught) {
      await planted.end();
      throw caught;
    }
  }

  /** The receivers that verify what they get, and the name of an identity that every event names. */
  get receivers(): readonly WebhookReceiver[] {
    return [this.parties.receiver, this.parties.barring];
  }

  get identity(): string {
    return this.opened.identity;
  }

  /** Where a text is found: files of the deployment and of its sinks, its rows, its log, what it answered, what its receivers got. Never in `revealed`. */
  placesWith(text: string): readonly string[] {
    const { world, receiver, barring, disk } = this.parties;
    const files = [...filesUnder(world.folder), ...filesUnder(disk)].filter((path) => readFileSync(path).includes(text));
    const texts = { dump: this.dump, stderr: world.process.stderr, stdout: JSON.stringify(world.lines), receiver: receiver.bytes, barring: barring.bytes };
    const named = files.map((path) => path.replace(world.folder, '').replace(disk, '/disk'));
    const answers = this.said.filter((said) => said.text.includes(text)).map(({ to }) => `answer to ${to}`);
    return [...named, ...Object.entries(texts).flatMap(([name, found]) => (found.includes(text) ? [name] : [])), ...answers];
  }

  /** Removes everything. */
  async end(): Promise<void> {
    const { world, upstream, receiver, barring, disk } = this.parties;
    await world.end();
    await Promise.all([upstream, receiver, barring].map((each) => each.close()));
    removeFolder(disk);
  }

  private async run(): Promise<void> {
    const { world, upstream } = this.parties;
    this.access = await world.open({ slug: 'tracker', url: upstream.url, headers: [{ name: 'X-Api-Key', value: this.secret('server-header') }], policy: POLICY });
    await this.addSinks();
    await this.handOverInCalls();
    await this.handOverInRequests();
    await this.untilDelivered();
    await this.reveal('kept');
    await this.reveal('begun');
    await this.askEverything();
    this.dump = await dumpOfPostgres(world.dataFolder);
    await world.stop();
  }

  private secret(where: string): string {
    return `${this.canary}-${where}`;
  }

  private get opened(): Access {
    if (this.access === undefined) throw new Error('nothing was opened');
    return this.access;
  }

  /** Where the gateway answers: of the first worker, where workers are processes of their own. */
  private get gateway(): string {
    const workers = this.parties.world.lines.find(({ event }) => event === 'ready')?.['workers'] as readonly { readonly url: string }[] | undefined;
    return workers?.[0]?.url ?? this.parties.world.url;
  }

  private keep(to: string, text: string): void {
    this.said.push({ to, text });
  }

  /** Runs the command line and keeps what it said. */
  private async cli(...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.parties.world.cli(args);
    this.keep(args.slice(0, 3).join(' '), stdout + stderr);
    return stdout;
  }

  private async addSinks(): Promise<void> {
    const { receiver, barring, disk } = this.parties;
    await this.addWebhook('siem', receiver);
    await this.addWebhook('barring', barring);
    barring.isBarred = true;
    receiver.refuse(({ mcp }) => mcp?.tool === 'poison');
    await this.cli('sink', 'add', 'file', 'disk', '--set', `directory=${disk}`, '--after-seq', '0');
  }

  /** Credentials are in files that are gone afterwards. */
  private async addWebhook(name: string, to: WebhookReceiver): Promise<void> {
    const { folder } = this.parties.world;
    const given = { secret: to.secret, signing_key: this.signingKey, authorization: `Bearer ${this.secret('sink-credential')}` };
    const flags = Object.entries(given).flatMap(([credential, value]) => {
      writeFileSync(join(folder, `${credential}.txt`), value);
      return ['--credential', `${credential}=@${credential}.txt`];
    });
    await this.cli('sink', 'add', 'webhook', name, '--set', `url=${to.url}`, ...flags, '--after-seq', '0');
    for (const credential of Object.keys(given)) rmSync(join(folder, `${credential}.txt`));
    await this.cli('sink', 'confirm', name);
  }

  private async call(tool: string, args: Readonly<Record<string, unknown>>, path = ''): Promise<Posted> {
    const headers = { cookie: this.secret('cookie'), 'x-anything': this.secret('client-header'), 'x-forwarded-for': this.secret('forwarded'), traceparent: this.secret('trace') };
    this.calls += 1;
    return post({ ...this.opened, url: new URL(new URL(this.opened.url).pathname + path, this.gateway).href }, callOf(tool, args), headers);
  }

  private async handOverInCalls(): Promise<void> {
    const value = { note: this.secret('argument'), deep: [{ [this.secret('key')]: this.secret('deep-argument') }] };
    for (const tool of [...OWN_TOOLS, ...TELLING_TOOLS]) expect((await this.call(tool, value)).text, tool).not.toMatch(/default_deny|quarantined/);
    expect((await this.call('tells', {})).text).toContain(this.secret('answer-tells'));
    expect((await this.call('do_it', { bad: this.secret('denied-argument') })).text).toContain('rule_denied');
    expect((await this.call('no_such_tool', value)).text).toContain('default_deny');
    await this.call('do_it', {}, `?token=${this.secret('query')}`);
  }

  /** What never becomes a call: malformed frames, wrong tokens, odd addresses, forms that are filled in wrongly. Their answers may not say it either, but for what a person typed wrongly. */
  private async handOverInRequests(): Promise<void> {
    const { world } = this.parties;
    const at = (token: string) => ({ ...this.opened, token, url: new URL(new URL(this.opened.url).pathname, this.gateway).href });
    this.keep('a malformed frame', (await post(at(this.opened.token), `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"${this.secret('malformed')}"}}`)).text);
    for (const token of [this.secret('wrong-token'), `sp_agt_${this.secret('wrong-token')}`]) {
      expect((await post(at(token), callOf('do_it'))).status).toBe(401);
      expect((await ask({ url: world.url, token }, '{ revision }')).status).toBe(401);
    }
    for (const origin of [world.url, this.gateway]) for (const path of ['mcp/', 'graphql?query=', 'audit/export?format=', 'metrics?', '']) this.keep(`GET /${path}`, await (await fetch(new URL(`/${path}${this.secret('path')}`, origin))).text());
    const register = 'mutation ($input: RegisterServerInput!) { registerServer(input: $input) { __typename ... on Refusal { code message } } }';
    const asAdmin = { url: world.url, token: world.adminToken };
    for (const url of [`https://user:${this.secret('userinfo')}@example.com/mcp`, `ftp://${this.secret('userinfo')}`]) this.keep('an odd address', (await ask(asAdmin, register, { input: { slug: 'odd', url, headers: [{ name: 'X-Key', value: this.secret('refused-header') }] } })).text);
    await this.cli('audit', 'list', '--token', this.secret('wrong-token'));
    await ask(asAdmin, register, { input: { headers: [{ name: 'X-Key', value: this.secret('misplaced-header') }] } });
    await ask(asAdmin, `{ auditEvent(id: "${this.secret('id')}") { id } }`);
  }

  private async untilDelivered(): Promise<void> {
    const { world } = this.parties;
    await world.decisions({ grant: this.opened.grantId }, (found) => found.length >= this.calls);
    const letters = async (): Promise<unknown> => (await this.ask(ListDeadLettersDocument, { sink: 'siem', state: null, first: 10, after: null })).sink?.deadLetters.nodes[0]?.state;
    await vi.waitFor(async () => expect(await letters()).toBe('waiting'), SOON);
    await vi.waitFor(async () => expect((await this.ask(ShowSinkDocument, { sink: 'barring' })).sink?.status).toBe('paused'), SOON);
  }

  /** One member asks, another one confirms, the first reads once: the answer is kept apart. What is tried before and after is not. */
  private async reveal(tool: string): Promise<void> {
    const { world } = this.parties;
    const auditor = await this.auditor(tool);
    const [decision] = (await world.decisions({ grant: this.opened.grantId, tool }, (found) => found.length > 0)).map(({ decisionId }) => decisionId);
    const request = { decision: String(decision), reason: 'case 17' };
    const { id: reveal } = accepted((await this.ask(RequestRevealDocument, { input: request }, auditor)).requestReveal).reveal;
    const read = ['audit', 'reveal', 'show', reveal, '--values', '--json'];
    await this.ask(ReadRevealDocument, { input: { reveal } }, auditor);
    await this.ask(ConfirmRevealDocument, { input: { reveal, reads: 1 } });
    await this.cli(...read);
    const { stdout, stderr } = await world.cli([...read, '--token', auditor]);
    this.revealed.push(stdout);
    this.keep('a reading, beside the values', stderr);
    await this.cli(...read, '--token', auditor);
    for (const token of [auditor, world.adminToken]) await this.ask(ReadRevealDocument, { input: { reveal } }, token);
    await this.ask(ShowRevealDocument, { id: reveal }, auditor);
    await this.ask(ExplainDecisionDocument, { id: String(decision), args: null });
  }

  private async auditor(name: string): Promise<string> {
    const { member } = accepted((await this.ask(AddMemberDocument, { input: { name: `auditor of ${name}`, role: 'auditor' } })).addMember);
    return String(accepted((await this.ask(CreateTokenDocument, { input: { role: 'auditor', member: member.id } })).createToken).token);
  }

  private async askEverything(): Promise<void> {
    const { world } = this.parties;
    writeFileSync(join(world.folder, 'draft.json'), JSON.stringify(DRAFT));
    const questions = [
      ['audit', 'list', '--limit', '100'], ['audit', 'reveal', 'list'], ['sink', 'health', 'barring'], ['sink', 'dead-letters', 'siem'], ['decisions', 'list', '--limit', '100'],
      ['events', 'list', '--limit', '100'], ['server', 'show', 'tracker'], ['policy', 'simulate', 'draft.json', '--of', this.opened.policy, '--since', '1h', '--examples', '100'],
    ];
    for (const question of questions) await this.cli(...question, '--json');
    await this.cli('export', '--deployment');
    for (const format of FORMATS) {
      const exported = await fetch(new URL(`/audit/export?format=${format}`, world.url), { headers: { authorization: `Bearer ${world.adminToken}` } });
      this.keep(`export ${format}`, await exported.text());
    }
    for (const origin of new Set([world.url, this.gateway])) this.keep('GET /metrics', await (await fetch(new URL('/metrics', origin))).text());
  }

  /** Asks the admin API, as the operator unless said, and keeps the whole answer. */
  private async ask<Answer, Variables extends object>(document: TypedDocumentString<Answer, Variables>, variables: Variables, token = this.parties.world.adminToken): Promise<Answer> {
    const { text, data } = await ask({ url: this.parties.world.url, token }, document.toString(), variables);
    this.keep(String(Object.keys(data ?? {})[0]), text);
    return data as Answer;
  }
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) if (entry.isFile()) yield join(entry.parentPath, entry.name);
}
