import type { ProtocolEra } from '@sallyport/domain-events';

/**
 * What a message is to a policy gateway.
 *
 * - `tool_call`, `tool_list`: decided, filtered.
 * - `initialize`, `discover`, `ping`, `listen`: the protocol's own housekeeping.
 * - `other_known`: prompts, resources, completions, tasks, logging; follow the policy's `default`.
 * - `notification`, `response`: no answer is owed.
 * - `unknown`: a request method that the era does not have; refused.
 */
export const METHOD_CLASSES = [
  'tool_call',
  'tool_list',
  'initialize',
  'discover',
  'ping',
  'listen',
  'other_known',
  'notification',
  'response',
  'unknown',
] as const;
export type MethodClass = (typeof METHOD_CLASSES)[number];

/** Which member of `params` the `Mcp-Name` header mirrors (2026-07-28, "Streamable HTTP", and the tasks extension). */
export type NameSource = 'name' | 'uri' | 'taskId';

interface MethodRow {
  readonly eras: readonly ProtocolEra[];
  readonly methodClass: MethodClass;
  readonly nameSource?: NameSource;
}

const BOTH: readonly ProtocolEra[] = ['legacy', 'modern'];
const LEGACY: readonly ProtocolEra[] = ['legacy'];
const MODERN: readonly ProtocolEra[] = ['modern'];

/** Requests a client may send, by revision family. `tasks/*` are the core methods of 2025-11-25 and the extension of 2026-07-28. */
const CLIENT_REQUESTS: ReadonlyMap<string, MethodRow> = new Map<string, MethodRow>([
  ['tools/call', { eras: BOTH, methodClass: 'tool_call', nameSource: 'name' }],
  ['tools/list', { eras: BOTH, methodClass: 'tool_list' }],
  ['initialize', { eras: LEGACY, methodClass: 'initialize' }],
  ['ping', { eras: LEGACY, methodClass: 'ping' }],
  ['server/discover', { eras: MODERN, methodClass: 'discover' }],
  ['subscriptions/listen', { eras: MODERN, methodClass: 'listen' }],
  ['prompts/list', { eras: BOTH, methodClass: 'other_known' }],
  ['prompts/get', { eras: BOTH, methodClass: 'other_known', nameSource: 'name' }],
  ['resources/list', { eras: BOTH, methodClass: 'other_known' }],
  ['resources/templates/list', { eras: BOTH, methodClass: 'other_known' }],
  ['resources/read', { eras: BOTH, methodClass: 'other_known', nameSource: 'uri' }],
  ['resources/subscribe', { eras: LEGACY, methodClass: 'other_known' }],
  ['resources/unsubscribe', { eras: LEGACY, methodClass: 'other_known' }],
  ['completion/complete', { eras: BOTH, methodClass: 'other_known' }],
  ['logging/setLevel', { eras: LEGACY, methodClass: 'other_known' }],
  ['tasks/get', { eras: BOTH, methodClass: 'other_known', nameSource: 'taskId' }],
  ['tasks/result', { eras: LEGACY, methodClass: 'other_known' }],
  ['tasks/list', { eras: LEGACY, methodClass: 'other_known' }],
  ['tasks/update', { eras: MODERN, methodClass: 'other_known', nameSource: 'taskId' }],
  ['tasks/cancel', { eras: BOTH, methodClass: 'other_known', nameSource: 'taskId' }],
]);

/** The class of a request's method in an era: `unknown` when that era does not have it. */
export function classifyMethod(method: string, era: ProtocolEra): MethodClass {
  const row = CLIENT_REQUESTS.get(method);
  return row !== undefined && row.eras.includes(era) ? row.methodClass : 'unknown';
}

/** What `Mcp-Name` must mirror for a method, or `undefined` when the header means nothing there. */
export function nameSourceOf(method: string): NameSource | undefined {
  return CLIENT_REQUESTS.get(method)?.nameSource;
}

/** Every request method of an era, in the table's order. */
export function methodsOf(era: ProtocolEra): readonly string[] {
  return [...CLIENT_REQUESTS].filter(([, row]) => row.eras.includes(era)).map(([method]) => method);
}
