import type { RedactAction } from '../document.js';
import { inside, pointerOf, ROOT_PLACE } from './json-place.js';
import { NotJson } from './json-text.js';
import { JsonRedactor, type Replaced } from './redact-json.js';
import { TextRedactor, type KeyedHash } from './redact-text.js';
import type { RedactionPlan } from './redaction-plan.js';

/**
 * What was replaced or removed, never with its value. `pointer` is a JSON Pointer (RFC 6901) into the message as the upstream
 * sent it, with what was found in keys replaced; a find inside a text has the text's pointer.
 */
export interface RemovedValue {
  readonly pointer: string;
  readonly ruleId: string;
  readonly action: RedactAction;
}

/** A message after its redactions; `message` is undefined where nothing was found. */
export interface RedactedMessage {
  readonly message: string | undefined;
  /** Each place and rule once, the first 100. */
  readonly removed: readonly RemovedValue[];
  /** How many there are in all; after the first 100 a place may be counted again. */
  readonly removedCount: number;
}

const MOST_TOLD = 100;
const SEARCHED: ReadonlySet<string> = new Set(['result', 'error', 'params']);
/** Opaque by the protocol, and sent back to the upstream as it came. */
const UNTOUCHED = 'requestState';

/** Redacts one JSON-RPC message; undefined where its text is not a JSON object or nested deeper than 64 levels. */
export function redactMessage(text: string, plan: RedactionPlan, hash: KeyedHash): RedactedMessage | undefined {
  const told = new Map<string, RemovedValue>();
  let removedCount = 0;
  const report = ({ place, ruleId, action }: Replaced): void => {
    const pointer = pointerOf(place);
    const key = `${ruleId} ${pointer}`;
    if (told.has(key)) return;
    removedCount += 1;
    if (told.size < MOST_TOLD) told.set(key, { pointer, ruleId, action });
  };
  const redactor = new JsonRedactor(text, { texts: new TextRedactor(plan.detectors, hash), hash, report, depth: 0, untouched: UNTOUCHED });
  try {
    redactEnvelope(redactor, plan);
  } catch (caught) {
    if (caught instanceof NotJson) return undefined;
    throw caught;
  }
  return { message: redactor.result(), removed: [...told.values()], removedCount };
}

function redactEnvelope(redactor: JsonRedactor, { paths }: RedactionPlan): void {
  redactor.eachMember((name) => {
    const place = inside(ROOT_PLACE, name);
    if (!SEARCHED.has(name)) redactor.skip(place.level);
    else redactor.value({ place, paths: name === 'result' ? paths.map((path) => ({ path, step: 0 })) : [], name: undefined });
  });
  if (redactor.reader.peek() !== '') throw new NotJson();
}
