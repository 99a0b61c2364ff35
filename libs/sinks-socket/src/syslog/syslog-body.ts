import { canonicalJson, type JsonObject, type JsonValue } from '@sallyport/kernel';
import type { OutgoingEvent } from '@sallyport/sinks';

import type { SyslogForm } from './syslog-message.js';

/** A message's body, and what was taken out of the event to make it fit: dotted names. */
export interface SyslogBody {
  readonly text: string;
  readonly truncated: readonly string[];
}

/** Writes the event in the form's format, within `room` octets as far as leaving out can make it fit. */
export function syslogBody({ stored, event }: OutgoingEvent, _form: SyslogForm, room: number): SyslogBody {
  if (fits(stored.line, room)) return { text: stored.line, truncated: [] };
  return reduced(event as unknown as JsonObject, room);
}

function reduced(event: JsonObject, room: number): SyslogBody {
  let left = event;
  const truncated: string[] = [];
  for (const name of DROP_ORDER) {
    const next = without(left, name.split('.'));
    if (next === left) continue;
    left = next;
    truncated.push(name);
    const text = canonicalJson({ ...left, sallyport_truncated: truncated });
    if (fits(text, room)) return { text, truncated };
  }
  return essence(event);
}

function essence(event: JsonObject): SyslogBody {
  const kept = Object.fromEntries(Object.entries(event).filter(([name]) => ESSENTIAL.includes(name)));
  const truncated = Object.keys(event).filter((name) => !ESSENTIAL.includes(name));
  return { text: canonicalJson({ ...kept, sallyport_truncated: truncated }), truncated };
}

function without(of: JsonObject, [name, ...deeper]: readonly string[]): JsonObject {
  const member: JsonValue | undefined = name === undefined ? undefined : of[name];
  if (name === undefined || member === undefined) return of;
  if (deeper.length === 0) return Object.fromEntries(Object.entries(of).filter(([key]) => key !== name));
  const shorter = without(member as JsonObject, deeper);
  return shorter === member ? of : { ...of, [name]: shorter };
}

function fits(text: string, room: number): boolean {
  return text.length <= room && Buffer.byteLength(text) <= room;
}

/** Values kept by a policy go first, then what rules ask for, then labels of the flow. */
const DROP_ORDER = ['request.args_excerpt', 'decision.obligations', 'decision.flow_before', 'decision.flow_after', 'admin.patch'];
const ESSENTIAL: readonly string[] = ['schema', 'event_id', 'organisation_id', 'stream', 'seq', 'time', 'observed_time', 'type', 'outcome', 'severity', 'integrity'];
