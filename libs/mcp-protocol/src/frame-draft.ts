import type { JsonObject } from '@sallyport/kernel';

import type { Frame, FrameMeta, FrameSpans } from './frame.js';
import { newJsonObject } from './new-json-object.js';

/** A shape while it is being read. */
export type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };
/** A frame while it is being read. */
export type Draft = Mutable<Omit<Frame, 'meta' | 'spans'>> & { meta: Mutable<FrameMeta>; spans: Mutable<FrameSpans> };

const NO_ARGS: JsonObject = Object.freeze(newJsonObject());
const NO_KEYS: readonly string[] = Object.freeze([]);
/** What a message without `_meta` says. */
export const NO_META: FrameMeta = Object.freeze({
  protocolVersion: null,
  claimsRevision: false,
  hasClientCapabilities: false,
  clientName: null,
  progressToken: null,
});

/** A frame of which nothing was read yet. */
export function newDraft(): Draft {
  return {
    kind: 'request',
    id: null,
    method: '',
    name: null,
    uri: null,
    taskId: null,
    cursor: null,
    cancelledId: null,
    askedVersion: null,
    clientName: null,
    args: NO_ARGS,
    argsBytes: 0,
    argumentKeys: NO_KEYS,
    meta: NO_META,
    hasInputResponses: false,
    hasRequestState: false,
    hasTask: false,
    invalidParams: null,
    spans: { id: null, params: null, name: null, uri: null, args: null, progressToken: null, cancelledId: null },
  };
}

