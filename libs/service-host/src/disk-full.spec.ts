import { describe, expect, it } from 'vitest';

import { diskFullFault } from './disk-full.js';
import { startFault } from './start-faults.js';

describe('a start that failed for want of room', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

  it.each([
    ['the file system says so', full],
    ['a quota says so', Object.assign(new Error('EDQUOT'), { code: 'EDQUOT' })],
    ['a fault carries that as its cause', startFault.data_unwritable('The data folder /data cannot be written.', {}, full)],
    ['PostgreSQL says so', new Error('postgres ended: FATAL:  could not write lock file "postmaster.pid": No space left on device')],
  ])('says what to do when %s', (_who, caught) => {
    expect(diskFullFault(caught, '/data')).toMatchObject({ code: 'start.disk_full', message: expect.stringMatching(/no room left on the disk that holds \/data: free some space.*--data DIR/), cause: caught });
  });

  it.each([new Error('EACCES'), 'text', undefined, startFault.not_ready('Not ready after 10 s.')])('is not what %s is', (caught) => {
    expect(diskFullFault(caught, '/data')).toBeUndefined();
  });
});
