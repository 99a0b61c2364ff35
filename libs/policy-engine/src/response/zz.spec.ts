import { it } from 'vitest';
import { readFileSync } from 'node:fs';
import { findFormattedSecrets } from './find-formatted-secrets.js';
import { findNamedSecrets } from './find-named-secrets.js';
import { findCards } from './find-cards.js';
import { findEmails } from './find-emails.js';
import { findIbans } from './find-ibans.js';
import { findJwts } from './find-jwts.js';
import { findPrivateKeys } from './find-private-keys.js';
it('b', () => {
  const doc = readFileSync('/work/main/libs/test-support/data/seed-servers/ticktick.json', 'utf8');
  let s = ''; while (s.length < 1e6) s += doc;
  for (const f of [findFormattedSecrets, findNamedSecrets, findCards, findEmails, findIbans, findJwts, findPrivateKeys]) {
    f(s); f(s); const t = performance.now(); for (let i = 0; i < 3; i++) f(s); console.log(f.name, ((performance.now() - t) / 3).toFixed(1));
  }
}, 60000);
