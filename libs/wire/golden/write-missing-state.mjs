// Writes the golden state of the form that is written now, if it has none, folded from golden events:
// `node test/quality/build.mjs && node libs/wire/golden/write-missing-state.mjs`. Never writes one again.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { OrganisationFold } from '@sallyport/organisation-state';
import { encodeState, eventFromJson } from '@sallyport/wire';

const EVENTS = [
  'organisation.created@1', 'server.registered@1', 'server.tools_approved@1', 'identity.created@2',
  'grant.issued@1', 'grant.token_rotated@1', 'server.tool_labelled@1', 'policy.shadow_started@1',
];
const organisationId = '01930000-0000-7000-8000-0000000000a1';

const fold = new OrganisationFold(organisationId);
for (const [index, name] of EVENTS.entries()) {
  const event = eventFromJson(JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')));
  const folded = fold.apply({ ...event, organisationId, revision: index + 1 });
  if (!folded.ok) throw new Error(folded.refusal.sentence);
}
const path = new URL('./state/form-3.binpb', import.meta.url);
if (!existsSync(path)) writeFileSync(path, encodeState(fold));
