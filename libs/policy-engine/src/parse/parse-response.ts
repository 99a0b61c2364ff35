import type { JsonValue } from '@sallyport/kernel';

import { DETECTORS, REDACT_ACTIONS, type Redaction, type ResponseRule } from '../document.js';
import { parseElements } from './parse-element.js';
import { parsePath } from './parse-path.js';
import { inside, listOf, objectWith, oneOf, optional, wholeNumber, type DocumentPlace } from './shape.js';

const FIELDS = { known: ['redact', 'max_bytes', 'deny_if'] };
const MAX_REDACTIONS = 100;
const MOST_BYTES = 67_108_864;
const EITHER = 'A redaction has either a "detector" or a "path".';

/** Parses `response`. Paths in it may start at the tool's result, and pointers do. */
export function parseResponse(value: JsonValue, place: DocumentPlace): ResponseRule | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined) return undefined;
  const here: DocumentPlace = { ...place, pathsFrom: 'result' };
  const redact = listOf(object['redact'], inside(here, 'redact'), MAX_REDACTIONS);
  const maxBytes = wholeNumber(object['max_bytes'], inside(here, 'max_bytes'), { least: 1, most: MOST_BYTES });
  return {
    redact: redact.flatMap((each, index) => parseRedaction(each, inside(inside(here, 'redact'), index)) ?? []),
    ...optional('maxBytes', maxBytes),
    denyIf: parseElements(object['deny_if'], inside(here, 'deny_if')),
  };
}

function parseRedaction(value: JsonValue, place: DocumentPlace): Redaction | undefined {
  const object = objectWith(value, place, { known: ['detector', 'path', 'action'], required: ['action'] });
  if (object === undefined) return undefined;
  const action = oneOf(object['action'], inside(place, 'action'), REDACT_ACTIONS);
  if ((object['detector'] === undefined) === (object['path'] === undefined)) return refuseRedaction(place, EITHER);
  if (object['path'] !== undefined) {
    const path = parsePath(object['path'], inside(place, 'path'));
    if (path === undefined || action === undefined) return undefined;
    if (path.root !== 'result') return refuseRedaction(inside(place, 'path'), 'Only what the tool answers can be redacted: content, structuredContent, _meta.');
    return { kind: 'path', path, action };
  }
  const detector = oneOf(object['detector'], inside(place, 'detector'), DETECTORS);
  return detector === undefined || action === undefined ? undefined : { kind: 'detector', detector, action };
}

function refuseRedaction(place: DocumentPlace, message: string): undefined {
  place.findings.add('bad_value', place.pointer, message);
  return undefined;
}
