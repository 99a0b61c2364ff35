import { branded, type GrantId, type IdentityId, type OrganisationId, type ServerId } from '@sallyport/kernel';
import { freshProgress } from '@sallyport/sinks';

import type { TestControlPlane } from './a-control-plane.js';
import type { TestOrganisation } from './an-organisation.js';
import { aCompleted, aDecided, sequenced } from './decision-records.js';
import { mutate } from './mutate.js';
import { withDatabase } from './tables-of.js';
import type { ToolShelf } from './tool-shelf.js';

/**
 * Gives an organisation something of everything: rows in every table, with its own name in every text. `shelf` must be
 * what the control plane inspects.
 */
export async function busyOrganisation(world: TestControlPlane, organisation: TestOrganisation, shelf: ToolShelf): Promise<void> {
  const { slug } = organisation;
  const change = async (name: string, fields: string, input: Readonly<Record<string, unknown>>) => {
    const answer = await mutate(world, name, fields, input, { token: organisation.adminToken });
    if (answer.__typename === 'Refusal') throw new Error(`${name} was refused: ${JSON.stringify(answer)}`);
    return answer;
  };
  await change('updateOrganisation', '__typename', { auditDurability: 'process' });
  await change('addMember', '__typename', { name: `${slug} member`, role: 'viewer', idempotencyKey: `${slug} key` });
  await change('changeMemberRole', '__typename', { member: `${slug} member`, role: 'policy_manager' });
  await change('createToken', '__typename', { role: 'viewer', member: `${slug} member`, label: `${slug} token` });
  await change('addMember', '__typename', { name: `${slug} gone`, role: 'viewer' });
  await change('createToken', '__typename', { role: 'viewer', member: `${slug} gone`, label: `${slug} gone` });
  await change('removeMember', '__typename', { member: `${slug} gone` });

  const url = `https://${slug}.example.com/mcp`;
  shelf.put(url, { name: `${slug}_tool`, inputSchema: { type: 'object' } });
  const identity = await change('createIdentity', 'identity { id }', { name: `${slug}-identity`, kind: 'agent', labels: [{ key: 'team', value: `${slug} label` }], groups: [`${slug} group`] });
  const server = await change('registerServer', 'server { id }', { slug: `${slug}-server`, url, headers: [{ name: 'Authorization', value: `${slug} header` }] });
  const document = { version: '1', default: 'deny', tools: { [`${slug}_tool`]: {} } };
  await change('publishPolicy', 'policyId', { name: `${slug}-policy`, document, note: `${slug} note` });
  await change('publishPolicy', 'policyId', { name: `${slug}-policy`, document: { ...document, default: 'allow' } });
  const using = { identity: idOf(identity, 'identity'), server: idOf(server, 'server'), policy: `${slug}-policy`, labels: [{ key: 'grant', value: `${slug} grant` }] };
  const grant = await change('issueGrant', 'grantId', using);
  await change('rotateGrantToken', 'grantId', { grant: grant['grantId'] });
  const revoked = await change('issueGrant', 'grantId', using);
  await change('revokeGrant', 'grantId', { grant: revoked['grantId'], reason: `${slug} reason` });

  const organisationId = branded<OrganisationId>(organisation.id);
  const ids = { identityId: branded<IdentityId>(using.identity), serverId: branded<ServerId>(using.server), grantId: branded<GrantId>(String(grant['grantId'])) };
  await world.plane.auditBus.publish(
    sequenced(aDecided(organisationId, 1, { ...ids, tool: `${slug}_tool`, serverSlug: `${slug}-server` }), aCompleted(organisationId, 1), aDecided(organisationId, 2, ids)),
  );
  const keep = 'mutation { setAuditRetention(input: { days: 400 }) { __typename } }';
  await world.ask(keep, { token: organisation.adminToken });
  await world.plane.auditTold();
  await world.plane.signAuditHeads();
  await addSink(world, organisation);
  await askForReveal(world, organisation);
}

/** A sink whose receiver the egress guard keeps away, with all that is kept of one that has exported. */
async function addSink(world: TestControlPlane, { slug, adminToken }: TestOrganisation): Promise<void> {
  const given = { type: 'syslog', name: `${slug}-sink`, settings: { host: '127.0.0.1' } };
  const added = await mutate(world, 'addSink', 'sink { id }', given, { token: adminToken });
  const sinkId = idOf(added, 'sink');
  await mutate(world, 'testSink', 'taken', { sink: sinkId }, { token: adminToken });
  const progress = JSON.stringify({ ...freshProgress(0, 0, `${slug} write`), stateReason: `${slug} reason` });
  await withDatabase(world.database.url, async (client) => {
    await client.query('INSERT INTO sink_deliveries (organisation_id, sink_id, revision, cursor, progress) SELECT organisation_id, sink_id, 1, 0, $2 FROM sinks WHERE sink_id = $1', [sinkId, progress]);
    await client.query(
      `INSERT INTO sink_dead_letters (organisation_id, sink_id, seq, event_id, type, reason, at_ms, state)
       SELECT organisation_id, sink_id, 1, gen_random_uuid(), 'call.decided', $2, 0, 'waiting' FROM sinks WHERE sink_id = $1`,
      [sinkId, `${slug} reason`],
    );
  });
}

/** A reveal under way, of a decision whose arguments were kept. */
async function askForReveal(world: TestControlPlane, { id, slug, adminToken }: TestOrganisation): Promise<void> {
  const kept = aDecided(branded<OrganisationId>(id), 3, { sealedArguments: `${slug} sealed` });
  await world.plane.auditBus.publish(sequenced(kept).map((record) => ({ ...record, localSeq: 4 })));
  await mutate(world, 'requestReveal', 'reveal { id }', { decision: kept.decisionId, reason: `${slug} reason` }, { token: adminToken });
}

function idOf(answer: Readonly<Record<string, unknown>>, object: string): string {
  const { id } = (answer[object] ?? {}) as { id?: string };
  if (id === undefined) throw new Error(`no ${object}: ${JSON.stringify(answer)}`);
  return id;
}
