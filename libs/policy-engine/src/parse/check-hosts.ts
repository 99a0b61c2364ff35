import type { JsonValue } from '@sallyport/kernel';

import { canonicalHost } from '../conditions/host.js';
import { badType, inside, type Place } from './shape.js';

const HOW = 'A host is a domain name or an IP address, without scheme, port, path or *; a domain stands for its sub-domains too.';

/** Checks the list of `host_in` and `host_not_in`. */
export function checkHosts(value: JsonValue, place: Place): void {
  if (!Array.isArray(value)) return badType(place, 'a list of hosts', value);
  for (const [index, host] of (value as readonly JsonValue[]).entries()) checkHost(host, inside(place, index));
}

function checkHost(value: JsonValue, place: Place): void {
  if (typeof value !== 'string') return badType(place, 'a host', value);
  if (canonicalHost(value) === undefined) place.findings.add('bad_value', place.pointer, HOW);
}
