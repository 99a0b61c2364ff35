import { defineFaults } from '@sallyport/kernel';

/** Why a record on a topic of workers is not taken for a worker's word. */
export const workerRecordFault = defineFaults('worker_record', {
  no_mac: { kind: 'access', retry: 'never', publicText: 'Somebody wrote where only workers write; it was not taken.' },
  bad_mac: { kind: 'access', retry: 'never', publicText: 'A record bears the name of a worker that did not write it, or was altered since; it was not taken.' },
});
