// Writes the golden files of facts that have none: `node test/quality/build.mjs && node libs/wire/golden/write-missing.mjs`.
// Never writes one again: a golden file is what an event looked like when its version was current, and is kept for ever.
import { existsSync, writeFileSync } from 'node:fs';

import { EXAMPLE_FACTS } from '@sallyport/domain-events/testing';
import { encodeEvent, eventToJson } from '@sallyport/wire';

const envelope = (type) => ({
  eventId: '01930000-0000-7000-8000-0000000000e1',
  organisationId: '01930000-0000-7000-8000-0000000000a1',
  revision: 4_294_967_297,
  object: { kind: objectKindOf(type), id: '01930000-0000-7000-8000-0000000000b1' },
  objectVersion: 7,
  occurredAt: '2026-11-21T12:34:56.000Z',
  actor: { kind: 'member', memberId: '01930000-0000-7000-8000-000000000001', tokenId: '01930000-0000-7000-8000-000000000002' },
});

/** A fact's noun is its object's kind. */
const objectKindOf = (type) => type.slice(0, type.indexOf('.'));

for (const fact of Object.values(EXAMPLE_FACTS)) {
  const event = { ...envelope(fact.type), fact };
  const path = (extension) => new URL(`./${fact.type}@${fact.version}.${extension}`, import.meta.url);
  if (existsSync(path('json')) || existsSync(path('binpb'))) continue;
  writeFileSync(path('json'), `${JSON.stringify(eventToJson(event), null, 2)}\n`);
  writeFileSync(path('binpb'), encodeEvent(event));
}
