import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { mutate } from '../../testing/mutate.js';

describe('organisations', () => {
  let world: TestControlPlane;
  beforeAll(async () => {
    world = await aControlPlane();
  });
  afterAll(() => world.close());
  const create = (input: Readonly<Record<string, unknown>>) => mutate(world, 'createOrganisation', 'organisation { slug name } member { name role }', input);
  const update = (input: Readonly<Record<string, unknown>>) => mutate(world, 'updateOrganisation', 'organisation { name auditDurability freshnessMode failStaticMaxAge }', input);

  it('are there after the first run, with an operator', async () => {
    const { data } = await world.ask('{ whoami { organisation { slug name revision } member { name role } role operator token { label status } } }');
    expect(data).toEqual({
      whoami: {
        organisation: { slug: 'default', name: 'Default', revision: 1 },
        member: { name: 'admin', role: 'admin' },
        role: 'admin',
        operator: true,
        token: { label: 'operator', status: 'active' },
      },
    });
  });

  it('are made on the first run only; a lost token is replaced', async () => {
    expect(await world.plane.bootstrap.firstRun()).toBeNull();
    const renewed = await world.plane.bootstrap.renewAdminToken();
    expect(renewed.expiresAt - world.clock.now()).toBe(90 * 24 * 3_600_000);
    const { data } = await world.ask('{ whoami { operator organisation { slug } } }', { token: renewed.token });
    expect(data).toEqual({ whoami: { operator: true, organisation: { slug: 'default' } } });
  });

  it('get a slug from their name, a first admin, and a key of their own', async () => {
    expect(await create({ name: 'Acme, Inc.', adminName: 'Ada' })).toMatchObject({
      organisation: { slug: 'acme-inc', name: 'Acme, Inc.' },
      member: { name: 'Ada', role: 'admin' },
      revision: 2,
    });
  });

  it('have slugs of their own that can stand in an address', async () => {
    expect(await create({ name: 'Acme Inc' })).toMatchObject({ code: 'organisation.slug_taken', pointer: '/slug' });
    expect(await create({ name: 'Acme', slug: 'Acme!' })).toMatchObject({ code: 'organisation.slug_invalid', pointer: '/slug' });
    expect(await create({ name: ' ' })).toMatchObject({ code: 'organisation.name_invalid', pointer: '/name' });
    expect(await create({ name: 'Other', adminName: '' })).toMatchObject({ code: 'member.name_invalid', pointer: '/adminName' });
  });

  it('are listed to their own, and all of them to the operator', async () => {
    const list = '{ organisations { nodes { slug } } }';
    expect((await world.ask(list)).data).toEqual({ organisations: { nodes: [{ slug: 'acme-inc' }, { slug: 'default' }] } });
    const { token } = await mutate(world, 'createToken', 'token', { role: 'viewer' });
    expect((await world.ask(list, { token: String(token) })).data).toEqual({ organisations: { nodes: [{ slug: 'default' }] } });
  });

  it('keep the settings that a change leaves out', async () => {
    await update({ auditDurability: 'process' });
    expect(await update({ freshnessMode: 'fail_static', failStaticMaxAge: 'PT10M' })).toMatchObject({
      organisation: { name: 'Default', auditDurability: 'process', freshnessMode: 'fail_static', failStaticMaxAge: 'PT10M' },
    });
    const again = await update({ auditDurability: 'process' });
    expect((await world.ask('{ revision }')).data).toEqual({ revision: again.revision });
    expect((await update({ auditDurability: 'process' })).revision).toBe(again.revision);
  });

  it('can have its decisions wait for the bus, and cannot go on for ever', async () => {
    expect(await update({ auditDurability: 'bus' })).toMatchObject({ organisation: { auditDurability: 'bus' } });
    expect(await update({ failStaticMaxAge: 'P8D' })).toMatchObject({ code: 'organisation.max_age_invalid', pointer: '/failStaticMaxAge' });
  });
});
