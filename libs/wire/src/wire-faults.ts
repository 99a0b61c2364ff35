import { defineFaults } from '@sallyport/kernel';

/** What can stop an event or a record on its way to or from its stored form. */
export const wireFault = defineFaults('wire', {
  undecodable: { kind: 'invariant', retry: 'never', publicText: 'Something stored cannot be read by this version.' },
  unencodable: { kind: 'input', retry: 'after_change', publicText: 'A text holds a character that cannot be kept, or a number is out of range.' },
});
