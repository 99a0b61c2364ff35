import type { Delivery, NetworkRefusal } from '@sallyport/sinks';

/** What becomes of a batch for which there is no connection. A certificate is waited for: whoever renews it need not tell us. */
export function refusedConnection({ kind, message }: NetworkRefusal): Delivery {
  switch (kind) {
    case 'refused':
      return { kind: 'paused', cause: 'config', reason: message, advice: 'Change the destination, or have the operator open its network in sallyport.yaml, and resume.' };
    case 'certificate':
      return { kind: 'unavailable', reason: `certificate: ${message}` };
    case 'unreachable':
    case 'timeout':
      return { kind: 'unavailable', reason: message };
  }
}
