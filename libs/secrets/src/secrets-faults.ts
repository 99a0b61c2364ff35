import { defineFaults } from '@sallyport/kernel';

/** What can go wrong with values at rest and with keys. */
export const secretsFault = defineFaults('secrets', {
  cannot_open: { kind: 'invariant', retry: 'never', publicText: 'A stored secret cannot be opened with this deployment\'s root key.' },
  bad_root_key: { kind: 'input', retry: 'after_change', publicText: 'The root key must be 32 bytes, written as 64 hexadecimal digits or base64.' },
  bad_signing_key: { kind: 'input', retry: 'after_change', publicText: 'The signing key must be an Ed25519 private key in PEM, in a file that only its owner may read.' },
});
