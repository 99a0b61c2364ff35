import { afterEach } from 'vitest';

import { journalContract } from '@sallyport/audit/testing';

import { JournalPlace } from './testing/journal-place.js';

const places: JournalPlace[] = [];

afterEach(async () => {
  for (const place of places.splice(0)) await place.remove();
});

journalContract('files', () => {
  const place = new JournalPlace();
  places.push(place);
  return {
    open: (size) => place.open(size === 'small' ? { maxBytes: 65_536 } : {}),
    kept: () => place.kept(),
  };
});
