import { defineFaults } from '@sallyport/kernel';

/** What can go wrong between a client and the admin API. */
export const adminFault = defineFaults('admin_api', {
  unreachable: { kind: 'upstream', retry: 'after_wait', publicText: 'The control plane cannot be reached.' },
  unavailable: { kind: 'upstream', retry: 'after_wait', publicText: 'The control plane cannot do this at the moment.' },
  unauthenticated: { kind: 'access', retry: 'after_change', publicText: 'The admin token is missing, wrong, expired or revoked.' },
  forbidden: { kind: 'access', retry: 'never', publicText: 'Your role does not allow this.' },
  bad_request: { kind: 'input', retry: 'after_change', publicText: 'The control plane did not accept the request.' },
  failed: { kind: 'upstream', retry: 'after_wait', publicText: 'The control plane could not answer.' },
});
