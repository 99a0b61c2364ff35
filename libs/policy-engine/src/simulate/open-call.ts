import { isJsonObject, type JsonObject } from '@sallyport/kernel';

import type { ContextRoot } from '../document.js';
import type { ToolCall } from '../verdict.js';
import type { RecordedCall } from './recorded-call.js';

/** A recorded call as the engine takes calls, and what of it must not be asked for because it was not kept. */
export interface OpenCall {
  readonly call: ToolCall;
  /** Names of arguments that were there and whose values were not kept. */
  readonly openArguments: ReadonlySet<string>;
  /** Facts about the call that were not kept. */
  readonly lacks: ReadonlySet<ContextRoot>;
}

const NOTHING: ReadonlySet<never> = new Set();
const NO_ARGUMENTS: JsonObject = Object.freeze({});

/** Reads a record. What was not kept is left empty in `call`. */
export function openCall(record: RecordedCall, tool: string): OpenCall {
  const { identity, grant, session, args } = record;
  return {
    call: {
      tool,
      args: isJsonObject(args) ? args : NO_ARGUMENTS,
      atMs: record.atMs,
      grant: { id: grant.id, labels: grant.labels ?? {} },
      identity: { id: identity.id, kind: identity.kind ?? '', name: identity.name ?? '', labels: identity.labels ?? {}, groups: identity.groups },
      server: { slug: record.server },
      session,
      client: { name: record.clientName },
      labels: record.labels,
    },
    openArguments: openArguments(record),
    lacks: lackingFacts(record),
  };
}

function openArguments({ argumentKeys, args }: RecordedCall): ReadonlySet<string> {
  if (argumentKeys.length === 0) return NOTHING;
  return new Set(args === undefined ? argumentKeys : argumentKeys.filter((key) => !Object.hasOwn(args, key)));
}

function lackingFacts({ identity, grant, session, labels }: RecordedCall): ReadonlySet<ContextRoot> {
  const lacks = new Set<ContextRoot>();
  if (identity.kind === undefined) lacks.add('identity.kind');
  if (identity.name === undefined) lacks.add('identity.name');
  if (identity.labels === undefined) lacks.add('identity.labels');
  if (identity.groups === undefined) lacks.add('identity.groups');
  if (grant.labels === undefined) lacks.add('grant.labels');
  if (session.calls === undefined) lacks.add('session.calls');
  if (labels === undefined) for (const root of ['tool.category', 'tool.risk', 'tool.annotations'] as const) lacks.add(root);
  return lacks;
}
