import { defineFaults } from '@sallyport/kernel';

/** What can stop the embedded PostgreSQL. */
export const postgresFault = defineFaults('postgres', {
  no_binaries: {
    kind: 'input',
    retry: 'after_change',
    publicText: 'No PostgreSQL binaries for this machine: run npm ci again, or set DATABASE_URL to a PostgreSQL of your own.',
  },
  start_failed: { kind: 'upstream', retry: 'after_change', publicText: 'The embedded PostgreSQL did not start.' },
});
