import type { Role } from '@sallyport/domain-events';

import type { TestControlPlane } from './a-control-plane.js';

/** An organisation of a test, with ways to get tokens for it. */
export interface TestOrganisation {
  readonly id: string;
  readonly slug: string;
  readonly memberId: string;
  /** A token of its first member, of role admin. */
  readonly adminToken: string;
  /** A token of that role, for a new member of that role. */
  tokenOf(role: Role): Promise<string>;
}

/** Makes an organisation as the operator does. The slug is made from the name. */
export async function anOrganisation(world: TestControlPlane, name: string): Promise<TestOrganisation> {
  const create = 'mutation ($name: String!) { createOrganisation(input: { name: $name }) { ... on CreateOrganisationPayload { organisation { id slug } member { id } } } }';
  const { data } = await world.ask(create, { variables: { name } });
  const { organisation, member } = data?.['createOrganisation'] as { organisation: { id: string; slug: string }; member: { id: string } };
  const tokenFor = async (memberId: string, role: Role) => {
    const mutation = 'mutation ($member: ID!, $role: Role!) { createToken(input: { member: $member, role: $role }) { ... on CreateTokenPayload { token } ... on Refusal { code } } }';
    const made = await world.ask(mutation, { variables: { member: memberId, role }, organisation: organisation.id });
    return (made.data?.['createToken'] as { token: string }).token;
  };
  let members = 0;
  return {
    id: organisation.id,
    slug: organisation.slug,
    memberId: member.id,
    adminToken: await tokenFor(member.id, 'admin'),
    async tokenOf(role) {
      const add = 'mutation ($name: String!, $role: Role!) { addMember(input: { name: $name, role: $role }) { ... on AddMemberPayload { member { id } } } }';
      const added = await world.ask(add, { variables: { name: `${role} ${(members += 1)}`, role }, organisation: organisation.id });
      return tokenFor((added.data?.['addMember'] as { member: { id: string } }).member.id, role);
    },
  };
}
