import {
  CreateIdentityDocument,
  IssueGrantDocument,
  PublishPolicyDocument,
  type AdminClient,
} from '@sallyport/graphql-contract';
import { DEMO_SERVER, startFault } from '@sallyport/service-host';

import { DEMO_DOCUMENT, DEMO_IDENTITY, DEMO_POLICY } from './demo-policy.js';

/** The demonstration grant, as its issuer sees it once. */
export interface DemoGrant {
  readonly token: string;
  readonly url: string;
}

/** Makes the demonstration identity, policy and grant through the admin API, as any administrator would. */
export async function makeDemoData(admin: AdminClient): Promise<DemoGrant> {
  const { createIdentity } = await admin.run(CreateIdentityDocument, { input: { name: DEMO_IDENTITY, kind: 'agent', labels: [{ key: 'purpose', value: 'demonstration' }] } });
  if (createIdentity.__typename === 'Refusal') throw refused('create the identity', createIdentity.message);
  const { publishPolicy } = await admin.run(PublishPolicyDocument, { input: { name: DEMO_POLICY, document: DEMO_DOCUMENT, note: 'first run', server: DEMO_SERVER } });
  if (publishPolicy.__typename !== 'PublishPolicyPayload') throw refused('publish the policy', publishPolicy.message);
  const { issueGrant } = await admin.run(IssueGrantDocument, {
    input: { identity: DEMO_IDENTITY, server: DEMO_SERVER, policy: DEMO_POLICY, waitFor: 'ENFORCED' },
  });
  if (issueGrant.__typename === 'Refusal') throw refused('issue the grant', issueGrant.message);
  if (issueGrant.token === null || issueGrant.token === undefined) throw refused('issue the grant', 'it came without its token');
  return { token: issueGrant.token, url: issueGrant.url };
}

function refused(what: string, why: string): Error {
  return startFault.demo_failed(`The first run could not ${what}: ${why}`);
}
