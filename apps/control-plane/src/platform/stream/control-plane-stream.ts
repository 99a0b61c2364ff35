import type { Broker } from '@sallyport/broker';
import type { RecordMac, RecordSigner, RecordVerifier } from '@sallyport/secrets';

/** What a control plane needs besides to hand changes on to workers in processes of their own. */
export interface ControlPlaneStream {
  /** Its topics exist (`deploymentTopics`). The caller closes it, after the control plane. */
  readonly broker: Broker;
  readonly signer: RecordSigner;
  /** Trusts the signer's key. */
  readonly verifier: RecordVerifier;
  /** Tells what workers write from what somebody else does; they have the same root key. */
  readonly mac: RecordMac;
  /** The key that workers trust already, where `signer` is a new one: it announces the new one. */
  readonly announcedBy?: RecordSigner;
  /** When snapshots are made; see `SnapshotterParts`. */
  readonly snapshots?: { readonly everyEvents?: number; readonly everyMs?: number };
}
