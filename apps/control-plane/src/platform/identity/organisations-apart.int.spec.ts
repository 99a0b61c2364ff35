import { getNamedType, isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';
import { busyOrganisation } from '../../testing/busy-organisation.js';
import { everyRootField, requestOf, type Filling, type RootField } from '../../testing/every-root-field.js';
import { dumpOf, tablesOf, withDatabase } from '../../testing/tables-of.js';
import { theSchema } from '../../testing/the-schema.js';
import { ToolShelf } from '../../testing/tool-shelf.js';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const CANARY = 'victimsown';
const NEVER_SENT = ['member', 'token', 'gone', 'label', 'note', 'reason', 'grant'];
const OPERATORS_ONLY = ['createOrganisation', 'rebuildProjections', 'rebuildSnapshots', 'auditHoles', 'auditHeadList', 'rotateAuditKey', 'acknowledgeAuditReset'];

/** Over every root field there is: what one organisation has, another can neither see nor touch. */
describe('organisations', () => {
  let world: TestControlPlane;
  let victim: TestOrganisation;
  let intruder: TestOrganisation;
  /** Ids and names of the victim; none of them is the intruder's. */
  let handles: readonly string[];
  /** Ids and texts of the victim that are never sent, so that whoever sees one learnt it. What both have (an operator made them, and tests number records alike) is none. */
  let secrets: readonly string[];
  /** What was asked as the intruder, with the victim's handles and cursors, and what came back. */
  const answers: { readonly field: string; readonly handle: string; readonly answer: string }[] = [];
  let before: Awaited<ReturnType<typeof victimsRows>>;
  const fields = everyRootField(theSchema()).filter(({ operation }) => operation !== 'subscription');
  const victimsRows = () =>
    withDatabase(world.database.url, async (client) => {
      const tables = (await tablesOf(client)).filter((table) => table !== 'token_uses');
      return dumpOf(client, tables, `organisation_id = '${victim.id}'`);
    });

  beforeAll(async () => {
    const shelf = new ToolShelf();
    world = await aControlPlane({ inspect: shelf.inspect });
    victim = await anOrganisation(world, CANARY);
    intruder = await anOrganisation(world, 'Intruder');
    for (const organisation of [victim, intruder]) await busyOrganisation(world, organisation, shelf);
    before = await victimsRows();
    handles = await victimsHandles();
    const texts = JSON.stringify(before).match(UUID) ?? [];
    const ours = await rowsOf(intruder);
    expect(ours).not.toContain(CANARY);
    secrets = [...new Set([...texts, ...NEVER_SENT.map((what) => `${CANARY} ${what}`)])].filter((secret) => !handles.includes(secret) && !ours.includes(secret));
    await sweep();
  }, 120_000);
  afterAll(() => world.close());

  /** Asks every field with every handle, and every list with the victim's cursors. A request is sent once. */
  async function sweep(): Promise<void> {
    const sent = new Set<string>();
    const send = async (field: RootField, handle: string, filling: Filling) => {
      const { query, variables } = requestOf(field, filling, 2);
      const key = JSON.stringify([query, variables]);
      if (sent.has(key)) return;
      sent.add(key);
      const answer = await world.ask(query, { variables, token: intruder.adminToken });
      answers.push({ field: field.field.name, handle, answer: JSON.stringify(answer) });
    };
    const cursors = await cursorsOf(victim.adminToken);
    for (const field of fields) {
      for (const handle of handles) await send(field, handle, { text: handle, all: true });
      for (const cursor of cursors) await send(field, cursor, { text: 'x', all: false, cursor });
    }
  }

  async function rowsOf({ id }: TestOrganisation): Promise<string> {
    return JSON.stringify(await withDatabase(world.database.url, async (client) => dumpOf(client, await tablesOf(client), `organisation_id = '${id}'`)));
  }

  /** One id of each place in the victim's rows, and the victim's names. */
  async function victimsHandles(): Promise<readonly string[]> {
    const ours = await rowsOf(intruder);
    const found = new Set<string>([victim.slug, `${CANARY}-identity`, `${CANARY}-server`, `${CANARY}-policy`]);
    for (const rows of Object.values(await victimsRows())) {
      const row: Readonly<Record<string, unknown>> = JSON.parse(rows[0] ?? '{}');
      for (const value of Object.values(row)) if (typeof value === 'string' && value.match(UUID)?.[0] === value) found.add(value);
    }
    return [...found].filter((handle) => !ours.includes(handle));
  }

  async function cursorsOf(token: string): Promise<readonly string[]> {
    const cursors: string[] = [];
    for (const field of fields.filter((each) => each.operation === 'query')) {
      const { query, variables } = requestOf(field, { text: 'x', all: false }, 2);
      const { data } = await world.ask(query, { variables, token });
      cursors.push(...[...JSON.stringify(data).matchAll(/"endCursor":"([^"]+)"/g)].map(([, cursor]) => String(cursor)));
    }
    return cursors;
  }

  const ask = (field: RootField, text: string) => {
    const { query, variables } = requestOf(field, { text, all: true }, 2);
    return world.ask(query, { variables, token: intruder.adminToken });
  };

  it('have handles to try on every field', () => {
    expect(handles.length).toBeGreaterThan(10);
    expect(secrets.length).toBeGreaterThan(10);
    expect(new Set(answers.map(({ field }) => field)).size).toBe(fields.length);
    const accepted = answers.filter(({ answer }) => answer.startsWith('{"status":200'));
    expect(new Set(accepted.map(({ field }) => field)).size).toBe(fields.length - OPERATORS_ONLY.length);
  });

  it('learn nothing of each other from any field, whatever handle it is given [organisations/isolated]', () => {
    expect(JSON.stringify(before)).toContain(secrets.at(-1));
    for (const { field, handle, answer } of answers) {
      expect(secrets.filter((secret) => answer.includes(secret)), `${field} ${handle}`).toEqual([]);
    }
  });

  it('change nothing of each other by any field, whatever handle it is given [organisations/isolated]', async () => {
    expect(await victimsRows()).toEqual(before);
  });

  it('are not entered by naming another in the header', async () => {
    for (const named of [victim.id, victim.slug]) {
      for (const field of fields) {
        const { query, variables } = requestOf(field, { text: 'x', all: false }, 1);
        const { status } = await world.ask(query, { variables, token: intruder.adminToken, organisation: named });
        expect(status, field.field.name).toBe(403);
      }
    }
  });

  it('answer for a handle of another as for one that nobody has', async () => {
    const blurred = (answer: unknown, handle: string) => JSON.stringify(answer).replaceAll(handle, '').replaceAll(/"reference":"[^"]*"|Reference: [^"]*/g, '');
    const nobodys = '01990000-0000-7000-8000-ffffffffffff';
    for (const field of fields.filter(namesSomething)) {
      const [theirs, none] = [await ask(field, victim.memberId), await ask(field, nobodys)];
      expect(blurred(theirs, victim.memberId), field.field.name).toBe(blurred(none, nobodys));
    }
  });
});

/** Whether a root field takes the id or name of something that is there already. */
function namesSomething({ field }: RootField): boolean {
  return field.args.some(({ type }) => {
    const named = getNamedType(type);
    return named.name === 'ID' || (isInputObjectType(named) && Object.values(named.getFields()).some((part) => getNamedType(part.type).name === 'ID'));
  });
}
