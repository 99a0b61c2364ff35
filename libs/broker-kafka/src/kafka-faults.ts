import { brokerFault } from '@sallyport/broker';
import { defineFaults, isFault, type Fault } from '@sallyport/kernel';

/** What only Kafka can do to us; the rest is `broker.*`. */
export const kafkaFault = defineFaults('kafka', {
  no_token: { kind: 'upstream', retry: 'after_wait', publicText: 'This process could not get the token with which it signs in to the message broker.' },
});

interface KafkaError {
  readonly name: string;
  readonly message: string;
  /** Kafka's own name of the error, where a broker answered with one. */
  readonly type: string;
}

const NO_TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_ID']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const REFUSED = /AUTHORIZATION_FAILED$|^SASL_AUTHENTICATION_FAILED$|^POLICY_VIOLATION$/;
/** kafkajs keeps to itself why it found none. */
export const NO_COORDINATOR = 'KafkaJSGroupCoordinatorNotFound';
const MAYBE_GROUP_REFUSED = ' (it is not up yet, or this process has no READ on the group)';
const NOT_SIGNED_IN = /SASLAuthentication|UnsupportedMechanism/i;

/** What a client's error comes to, with what was being done as the start of the sentence. `data.kafka` is the error's name in Kafka or its client, or null. */
export function brokerFaultOf(what: string, error: unknown): Fault {
  if (isFault(error)) return error;
  const errors = causes(error);
  const noCoordinator = errors.some(({ name }) => name === NO_COORDINATOR);
  const sentence = `${what}: ${errors[0]?.message ?? String(error)}${noCoordinator ? MAYBE_GROUP_REFUSED : ''}`;
  const data = { kafka: errors.find(({ type }) => type !== '')?.type ?? (noCoordinator ? NO_COORDINATOR : null) };
  if (errors.some(({ name, type }) => REFUSED.test(type) || NOT_SIGNED_IN.test(name))) return brokerFault.refused(sentence, data, error);
  if (errors.some(({ type }) => NO_TOPIC.has(type))) return brokerFault.no_topic(sentence, data, error);
  if (errors.some(({ type }) => TOO_LARGE.has(type))) return brokerFault.too_large(sentence, data, error);
  return brokerFault.unreachable(sentence, data, error);
}

/** An error, what caused it, and what is gathered in it. */
function causes(error: unknown, depth = 0): readonly KafkaError[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const { type, cause, errors, originalError } = error as { readonly type?: unknown; readonly cause?: unknown; readonly errors?: unknown; readonly originalError?: unknown };
  const inner = [cause, originalError, ...(Array.isArray(errors) ? errors : [])];
  return [{ name: error.name, message: error.message, type: typeof type === 'string' ? type : '' }, ...inner.flatMap((one) => causes(one, depth + 1))];
}
