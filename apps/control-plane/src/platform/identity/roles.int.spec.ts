import 'reflect-metadata';

import { covers } from '@sallyport/control-domain';
import { ROLES, type Role } from '@sallyport/domain-events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { appSlices } from '../../app-slices.js';
import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';
import { everyRootField, requestOf } from '../../testing/every-root-field.js';
import { theSchema } from '../../testing/the-schema.js';
import { PlatformResolver } from '../graphql/platform.resolver.js';
import { REQUIREMENT, type Requirement } from './require-role.js';

/** What each resolver's method asks of its caller, by the root field it answers. */
function requirements(): ReadonlyMap<string, Requirement | undefined> {
  const classes = [PlatformResolver, ...appSlices.flatMap((slice) => slice.providers)].filter((provider) => typeof provider === 'function');
  const found = new Map<string, Requirement | undefined>();
  for (const resolver of classes) {
    for (const name of Object.getOwnPropertyNames(resolver.prototype)) {
      const method: unknown = Object.getOwnPropertyDescriptor(resolver.prototype, name)?.value;
      if (typeof method !== 'function' || name === 'constructor') continue;
      const root: unknown = Reflect.getMetadata('graphql:resolver_type', method);
      const field: unknown = Reflect.getMetadata('graphql:resolver_name', method);
      if (root !== 'Query' && root !== 'Mutation' && root !== 'Subscription') continue;
      const lacksAlready = found.has(String(field)) && found.get(String(field)) === undefined;
      found.set(String(field), lacksAlready ? undefined : Reflect.getMetadata(REQUIREMENT, method));
    }
  }
  return found;
}

describe('roles', () => {
  const schema = theSchema();
  const required = requirements();
  const fields = everyRootField(schema).filter(({ operation }) => operation !== 'subscription');
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  const tokens = new Map<Role, string>();

  beforeAll(async () => {
    world = await aControlPlane();
    organisation = await anOrganisation(world, 'Roles');
    for (const role of ROLES) tokens.set(role, await organisation.tokenOf(role));
  });
  afterAll(() => world.close());

  const codesOf = async (field: (typeof fields)[number], token: string | null) => {
    const { status, errors } = await world.ask(...askedWith(field, token));
    return { status, codes: errors.map((error) => error.extensions['code']) };
  };
  const askedWith = (field: (typeof fields)[number], token: string | null) => {
    const { query, variables } = requestOf(field, { text: 'x', all: false }, 1);
    return [query, { variables, token }] as const;
  };

  it('are asked for by every root field, and by nothing that is none', () => {
    expect([...required.keys()].sort()).toEqual([...new Set(everyRootField(schema).map(({ field }) => field.name))].sort());
    expect([...required].filter(([, requirement]) => requirement === undefined)).toEqual([]);
  });

  it('leave nothing to whoever has no token, or a wrong one, but what anyone may', async () => {
    for (const field of fields) {
      const open = required.get(field.field.name) === 'anyone';
      const without = await codesOf(field, null);
      expect(without.status, `${field.field.name} ${JSON.stringify(without)}`).toBe(open ? 200 : 401);
      if (!open) expect(without.codes, field.field.name).toEqual(['unauthenticated']);
      for (const wrong of ['nonsense', `${world.operatorToken}x`, `${organisation.adminToken.slice(0, -7)}_000000`]) {
        expect(await codesOf(field, wrong), field.field.name).toEqual({ status: 401, codes: ['unauthenticated'] });
      }
    }
  });

  it('refuse each role what it lacks', async () => {
    for (const field of fields) {
      const requirement = required.get(field.field.name) ?? 'operator';
      for (const [role, token] of tokens) {
        const may = requirement === 'anyone' || (requirement !== 'operator' && covers(role, requirement));
        if (may) continue;
        expect(await codesOf(field, token), `${role} ${field.field.name}`).toEqual({ status: 403, codes: ['forbidden'] });
      }
    }
  });

  it('let every role read, but for the audit trail, where it goes, and what is of the whole deployment', async () => {
    const open = ['anyone', 'viewer', 'auditor'];
    for (const field of fields.filter(({ operation, field: { name } }) => operation === 'query' && required.get(name) !== 'operator')) {
      const requirement = required.get(field.field.name) ?? 'operator';
      expect(open, field.field.name).toContain(requirement);
      for (const [role, token] of tokens) {
        if (requirement === 'auditor' && !covers(role, 'auditor')) continue;
        expect((await codesOf(field, token)).codes, `${role} ${field.field.name}`).not.toContain('forbidden');
      }
    }
  });

  it('are what token and member both allow', async () => {
    const added = await world.ask('mutation { addMember(input: { name: "Grace", role: admin }) { ... on AddMemberPayload { member { id } } } }', { token: organisation.adminToken });
    const { member } = added.data?.['addMember'] as { member: { id: string } };
    const made = await world.ask(`mutation { createToken(input: { role: admin, member: "Grace" }) { ... on CreateTokenPayload { token } } }`, { token: organisation.adminToken });
    const { token } = made.data?.['createToken'] as { token: string };
    const role = async () => (await world.ask('{ whoami { role } }', { token })).data;
    expect(await role()).toEqual({ whoami: { role: 'admin' } });
    await world.ask(`mutation { changeMemberRole(input: { member: "${member.id}", role: viewer }) { __typename } }`, { token: organisation.adminToken });
    expect(await role()).toEqual({ whoami: { role: 'viewer' } });
    await world.ask('mutation { removeMember(input: { member: "Grace" }) { __typename } }', { token: organisation.adminToken });
    expect((await world.ask('{ whoami { role } }', { token })).status).toBe(401);
  });

  it('let the operator, and nobody else, act in an organisation named by the header', async () => {
    for (const named of [organisation.id, organisation.slug]) {
      const { data } = await world.ask('{ whoami { organisation { slug } role operator } }', { organisation: named });
      expect(data).toEqual({ whoami: { organisation: { slug: organisation.slug }, role: 'admin', operator: true } });
    }
    expect((await world.ask('{ revision }', { organisation: 'nowhere' })).status).toBe(403);
    for (const named of ['default', 'nowhere']) expect((await world.ask('{ revision }', { token: organisation.adminToken, organisation: named })).status).toBe(403);
    expect((await world.ask('{ revision }', { token: organisation.adminToken, organisation: organisation.slug })).status).toBe(200);
  });

  it('come from one header only', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${world.url}/graphql`, { method: 'POST' }, (answer) => resolve(answer.resume().statusCode));
      asked.on('error', reject);
      asked.setHeader('content-type', 'application/json');
      asked.setHeader('authorization', [`Bearer ${organisation.adminToken}`, `Bearer ${world.operatorToken}`]);
      asked.end(JSON.stringify({ query: '{ revision }' }));
    });
    expect(status).toBe(401);
  });

  it('end with the token', async () => {
    const made = await world.ask('mutation { createToken(input: { role: viewer, expiresAt: "2026-11-21T10:00:00Z" }) { ... on CreateTokenPayload { token } } }', { token: organisation.adminToken });
    const { token } = made.data?.['createToken'] as { token: string };
    world.clock.setWall(Date.parse('2026-11-21T09:59:59.999Z'));
    expect((await world.ask('{ revision }', { token })).status).toBe(200);
    world.clock.setWall(Date.parse('2026-11-21T10:00:00.000Z'));
    expect((await world.ask('{ revision }', { token })).status).toBe(401);
  });
});
