import { defineFaults } from '@sallyport/kernel';

/** What can go wrong in the CLI itself. The operator's sentence is what is printed. */
export const cliFault = defineFaults('cli', {
  usage: { kind: 'input', retry: 'after_change', publicText: 'The command was not understood.' },
  not_signed_in: { kind: 'access', retry: 'after_change', publicText: 'No admin token was found.' },
  unreadable_file: { kind: 'input', retry: 'after_change', publicText: 'A file could not be read.' },
  gateway_unreachable: { kind: 'upstream', retry: 'after_wait', publicText: 'The gateway cannot be reached.' },
  connection_lost: { kind: 'upstream', retry: 'after_wait', publicText: 'The connection was lost.' },
  not_found: { kind: 'state', retry: 'after_change', publicText: 'There is no such object.' },
  call_failed: { kind: 'upstream', retry: 'after_wait', publicText: 'The call was not answered.' },
});
