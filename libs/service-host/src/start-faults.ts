import { defineFaults } from '@sallyport/kernel';

/** What can stop a start. The operator's sentence is what the terminal shows. */
export const startFault = defineFaults('start', {
  data_unwritable: { kind: 'input', retry: 'after_change', publicText: 'The data folder cannot be written.' },
  disk_full: { kind: 'state', retry: 'after_change', publicText: 'The disk is full.' },
  data_in_use: { kind: 'state', retry: 'after_change', publicText: 'Another process uses the data folder.' },
  port_in_use: { kind: 'input', retry: 'after_change', publicText: 'The address is in use.' },
  cannot_listen: { kind: 'input', retry: 'after_change', publicText: 'The address cannot be listened on.' },
  bad_operator_file: { kind: 'input', retry: 'after_change', publicText: 'The operator\'s file cannot be used.' },
  bad_root_key: { kind: 'input', retry: 'after_change', publicText: 'The root key cannot be used.' },
  not_ready: { kind: 'upstream', retry: 'after_wait', publicText: 'Sallyport did not become ready.' },
  process_ended: { kind: 'upstream', retry: 'after_change', publicText: 'A process of the deployment ended.' },
  demo_failed: { kind: 'invariant', retry: 'never', publicText: 'The demonstration did not work.' },
});
