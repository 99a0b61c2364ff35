import { defineFaults } from '@sallyport/kernel';

/** What a worker finds wrong with the stream it follows. Codes of refused records are counted on `dp.status`. */
export const streamFault = defineFaults('stream', {
  unreadable_record: { kind: 'access', retry: 'never', publicText: 'A record of the stream is not one of ours and was not taken.' },
  unknown_key: { kind: 'access', retry: 'never', publicText: 'A record of the stream is signed with a key that this worker does not trust.' },
  bad_signature: { kind: 'access', retry: 'never', publicText: 'A record of the stream was not signed by the control plane, or was altered since.' },
  misplaced: { kind: 'access', retry: 'never', publicText: 'A record of the stream stands where it was not published.' },
  unsigned: { kind: 'access', retry: 'never', publicText: 'A record of the stream was taken away without a signature.' },
  bad_key: { kind: 'access', retry: 'never', publicText: 'A key was announced under a name that is not its own.' },
  old_snapshot: { kind: 'invariant', retry: 'never', publicText: 'The snapshot of an organisation is missing or older than was published.' },
  history_gap: { kind: 'invariant', retry: 'never', publicText: 'Events of an organisation are missing where none can be.' },
  contradiction: { kind: 'invariant', retry: 'never', publicText: 'The stream says two things of one place.' },
  gap: { kind: 'state', retry: 'after_wait', publicText: 'Events are missing from the stream; it is being read again.' },
  silent: { kind: 'upstream', retry: 'after_wait', publicText: 'No stamps come from the stream; it is being followed anew.' },
  bad_cache: { kind: 'state', retry: 'never', publicText: 'The worker’s own copy of the stream is damaged and was not used from there on.' },
  failed: { kind: 'upstream', retry: 'after_wait', publicText: 'Following the stream failed; it is tried again.' },
});
