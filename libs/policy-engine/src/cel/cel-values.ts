import type { CelInput } from '@bufbuild/cel';
import { ExactNumber, type JsonObject, type JsonValue } from '@sallyport/kernel';

import type { Compilation } from '../conditions/compilation.js';
import { dateOf, hourOf, weekdayOf } from '../conditions/utc-time.js';
import type { ToolCall } from '../verdict.js';
import type { CelSize } from './cel-cost.js';

const INTEGER = /^-?\d{1,19}$/;
const LEAST_INT = -(2n ** 63n);
const MOST_INT = 2n ** 63n - 1n;

/**
 * A call's facts by the names of paths. What the call does not have is no member, so `has()` tells. Numbers are doubles, as
 * CEL has it for JSON, but for whole numbers that only an int holds exactly.
 */
export function celValues(call: ToolCall, { zone }: Pick<Compilation, 'zone'>): Record<string, CelInput> {
  const { identity, grant, server, labels, client, session } = call;
  const offset = zone(call.atMs);
  const localMs = offset === undefined ? undefined : call.atMs + offset;
  return {
    args: celValue(call.args),
    identity: celValue({ id: identity.id, kind: identity.kind, name: identity.name, labels: identity.labels, groups: identity.groups ?? [] }),
    grant: celValue({ id: grant.id, labels: grant.labels }),
    server: celValue({ slug: server.slug }),
    tool: celValue({ name: call.tool, category: labels?.category ?? undefined, risk: labels?.risk ?? undefined, annotations: labels?.annotations ?? {} }),
    client: celValue({ name: client.name ?? undefined }),
    session: celValue({ calls: session.calls }),
    time: celValue(localMs === undefined ? {} : { hour: hourOf(localMs), weekday: weekdayOf(localMs), date: dateOf(localMs) }),
    ...(call.result === undefined ? {} : { result: celValue(call.result) }),
  };
}

/** How much of a call's values stands at a path; nothing where there is none. Goes through the value once. */
export function celSizeAt(values: Record<string, CelInput>, [name = '', ...names]: readonly string[]): CelSize {
  let value: unknown = values[name];
  for (const each of names) value = value instanceof Map ? value.get(each) : undefined;
  return { size: sizeOf(value), count: Array.isArray(value) ? value.length : value instanceof Map ? value.size : 0 };
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 1;
  let size = 1;
  if (Array.isArray(value)) for (const each of value) size += sizeOf(each);
  else if (value instanceof Map) for (const [key, each] of value) size += String(key).length + sizeOf(each);
  return size;
}

function celValue(value: JsonValue): CelInput {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof ExactNumber) return exactly(value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(celValue);
  const map = new Map<string, CelInput>();
  for (const [key, each] of Object.entries(value as JsonObject)) if (each !== undefined) map.set(key, celValue(each));
  return map;
}

function exactly(number: ExactNumber): bigint | number {
  if (!INTEGER.test(number.text)) return number.toDouble();
  const whole = BigInt(number.text);
  return whole >= LEAST_INT && whole <= MOST_INT ? whole : number.toDouble();
}
