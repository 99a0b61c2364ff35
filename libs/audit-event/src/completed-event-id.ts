/**
 * The id of the event that ends a call: the decision's UUID with version 8 (RFC 9562, section 5.8) in the place of its own, and for an
 * abandoned call with the highest bit of `custom_b`, which follows it, turned over. So a record that comes again gives the same id, no
 * random number is needed, ids sort by the decision's time, and none is the same as a decision's, whose version is 7.
 */
export function completedEventId(decisionId: string, abandoned: boolean): string {
  const customB = Number.parseInt(decisionId.charAt(VERSION_AT + 1), 16);
  const digit = abandoned ? (customB ^ 0b1000).toString(16) : decisionId.charAt(VERSION_AT + 1);
  return `${decisionId.slice(0, VERSION_AT)}8${digit}${decisionId.slice(VERSION_AT + 2)}`;
}

const VERSION_AT = 14;
