import type { AuditEvent } from '@sallyport/audit-event';
import { canonicalJson, type JsonObject } from '@sallyport/kernel';
import type { OutgoingEvent } from '@sallyport/sinks';

/** An event that fits, and JSON Pointers of what was left out of it for that. */
export interface Shortened {
  readonly outgoing: OutgoingEvent;
  readonly cut: readonly string[];
}

/** What is left out, in this order, until an event fits: values first, names after. Place, outcome and `integrity.hash` always stay. */
const ORDER = ['/request/args_excerpt', '/admin/patch', '/decision/obligations', '/decision/flow_before', '/decision/flow_after', '/request/redactions', '/response/redactions', '/request/argument_keys', '/decision/limits', '/actor/act_chain', '/source/forwarded_for', '/client', '/ext'] as const;

/**
 * Leaves out parts of an event until `fits`. The receiver would cut a longer one by itself, and tell nobody; this says what is missing, and the
 * event's own hash still names the whole.
 *
 * @returns Null when not even the least that is left fits.
 */
export function shortenEvent(outgoing: OutgoingEvent, fits: (candidate: OutgoingEvent) => boolean): Shortened | null {
  if (fits(outgoing)) return { outgoing, cut: [] };
  let { event } = outgoing;
  const cut: string[] = [];
  for (const pointer of ORDER) {
    const without = leftOut(event, pointer);
    if (without === null) continue;
    event = without;
    cut.push(pointer);
    const candidate = { event, stored: { ...outgoing.stored, line: canonicalJson(event as unknown as JsonObject) } };
    if (fits(candidate)) return { outgoing: candidate, cut };
  }
  return null;
}

/** The event without what a pointer of one or two parts names; null when it has no such part. */
function leftOut(event: AuditEvent, pointer: string): AuditEvent | null {
  const [, outer = '', inner] = pointer.split('/');
  const members = Object.entries(event);
  const part: unknown = members.find(([name]) => name === outer)?.[1];
  if (typeof part !== 'object' || part === null) return null;
  if (inner === undefined) return Object.fromEntries(members.filter(([name]) => name !== outer)) as unknown as AuditEvent;
  if (!Object.hasOwn(part, inner)) return null;
  const rest = Object.fromEntries(Object.entries(part).filter(([name]) => name !== inner));
  return { ...event, [outer]: rest };
}
