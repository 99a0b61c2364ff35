// Writes the bytes of stream bodies that have none, from the examples in `stream/*.json`:
// `node test/quality/build.mjs && node libs/wire/golden/write-missing-stream.mjs`. Never writes one again.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { encodeStreamBody } from '@sallyport/wire';

/** Bytes and maps, which JSON does not have: `{"$hex": …}` and `{"$map": [[key, value], …]}`. */
const revive = (_key, value) => {
  if (typeof value?.$hex === 'string') return Buffer.from(value.$hex, 'hex');
  return Array.isArray(value?.$map) ? new Map(value.$map) : value;
};

const folder = new URL('./stream/', import.meta.url);
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const bytes = new URL(name.replace(/json$/, 'binpb'), folder);
  if (existsSync(bytes)) continue;
  writeFileSync(bytes, encodeStreamBody(JSON.parse(readFileSync(new URL(name, folder), 'utf8'), revive)));
}
