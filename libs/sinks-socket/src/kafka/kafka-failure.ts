import type { Delivery, NetworkRefusal } from '@sallyport/sinks';

import { refusedConnection } from '../connection/refused-connection.js';

interface KafkaError {
  readonly name: string;
  /** Kafka's own name of the error, where a broker answered with one. */
  readonly type: string;
}

/** What a failure of the client comes to. Sentences are ours: kafkajs' own name brokers by their addresses. */
export function kafkaFailure(error: unknown, refusal: NetworkRefusal | null): Delivery {
  const errors = causes(error);
  const type = errors.find((one) => one.type !== '')?.type ?? '';
  if (errors.some(({ name }) => NOT_SIGNED_IN.test(name)) || type === 'SASL_AUTHENTICATION_FAILED') return NOT_LET_IN;
  if (/AUTHORIZATION_FAILED$/.test(type)) return { kind: 'paused', cause: 'auth', reason: `the cluster does not allow it (${type})`, advice: 'Allow this user WRITE and DESCRIBE on the topic and IDEMPOTENT_WRITE on the cluster, and resume.' };
  if (NO_TOPIC.has(type)) return { kind: 'paused', cause: 'config', reason: `the topic does not exist (${type})`, advice: 'Make the topic, or change the setting, and resume.' };
  if (UNFIT.has(type)) return { kind: 'unfit', reason: `the cluster refuses the records (${type})` };
  if (refusal !== null) return refusedConnection(refusal);
  return { kind: 'unavailable', reason: type === '' ? 'the cluster does not answer' : `the cluster cannot take it now (${type})` };
}

/** An error, what caused it, and what is gathered in it. */
function causes(error: unknown, depth = 0): readonly KafkaError[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const { type, cause, errors, originalError } = error as { readonly type?: unknown; readonly cause?: unknown; readonly errors?: unknown; readonly originalError?: unknown };
  const inner = [cause, originalError, ...(Array.isArray(errors) ? errors : [])];
  const known = typeof type === 'string' && /^[A-Z_]{1,60}$/.test(type) ? type : '';
  return [{ name: error.name, type: known }, ...inner.flatMap((one) => causes(one, depth + 1))];
}

const NOT_LET_IN: Delivery = {
  kind: 'paused',
  cause: 'auth',
  reason: 'the cluster refuses the sign-in',
  advice: 'Give the user and password that the cluster knows, with the mechanism that it offers, and resume.',
};
const NOT_SIGNED_IN = /SASLAuthentication|UnsupportedMechanism/i;
const NO_TOPIC: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_ID']);
const UNFIT: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'POLICY_VIOLATION']);
