import { findFormattedSecrets } from './find-formatted-secrets.js';
import { findNamedSecrets } from './find-named-secrets.js';
import { joined, type TextMatch } from './text-match.js';

/** The detector `secret`: credentials of known forms, and values that a name beside them makes secret. */
export function findSecrets(text: string): readonly TextMatch[] {
  return joined([findFormattedSecrets(text), findNamedSecrets(text)]);
}
