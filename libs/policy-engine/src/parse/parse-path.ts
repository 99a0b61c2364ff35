import type { JsonValue } from '@sallyport/kernel';

import { didYouMean } from '../closest-name.js';
import { CONTEXT_ROOTS, type ContextRoot, type Path, type PathStep } from '../document.js';
import { badType, notSupported, objectWith, textOf, type Place } from './shape.js';

const MAX_PATH = 512;
const SEGMENT = /^([^.[\]]+)((?:\[(?:\*|0|[1-9]\d{0,5})\])*)$/;
const SUBSCRIPT = /\[(\*|\d+)\]/g;
const LABELLED: readonly ContextRoot[] = ['identity.labels', 'grant.labels'];
const LATER = /^(?:identity\.groups|tool\.(?:category|risk|annotations\..+)|session\.calls)$/;
const HOW = 'A path is args.<name>, args.<name>.<name>, args.<list>[0] or [*], a fact such as identity.name, or { "pointer": "/name" }.';

/** Parses a condition's path: dotted text, or `{ "pointer": "/a.b/c" }` from the arguments. */
export function parsePath(value: JsonValue, place: Place): Path | undefined {
  if (typeof value === 'string') return parseDotted(value, place);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return badType(place, 'a path', value);
  const pointer = textOf(objectWith(value, place, { known: ['pointer'], required: ['pointer'] })?.['pointer'], place, MAX_PATH);
  return pointer === undefined ? undefined : parsePointer(pointer, place);
}

function parsePointer(text: string, place: Place): Path | undefined {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return badPath(place, 'A pointer starts with / and writes ~ as ~0 and / as ~1.');
  const steps = text.slice(1).split('/').map(toToken);
  return { text, form: 'pointer', root: 'args', steps };
}

function toToken(token: string): PathStep {
  return { kind: 'token', token: token.replaceAll('~1', '/').replaceAll('~0', '~') };
}

function parseDotted(text: string, place: Place): Path | undefined {
  if (text.length > MAX_PATH) return badPath(place, `A path has at most ${MAX_PATH} characters.`);
  if (text.startsWith('args.')) return parseArguments(text, place);
  const root = CONTEXT_ROOTS.find((each) => each === text && !LABELLED.includes(each));
  if (root !== undefined) return { text, form: 'dotted', root, steps: [] };
  const labels = LABELLED.find((each) => text.startsWith(`${each}.`) && text.length > each.length + 1);
  if (labels !== undefined) {
    return { text, form: 'dotted', root: labels, steps: [{ kind: 'key', key: text.slice(labels.length + 1) }] };
  }
  if (LATER.test(text)) return notSupported(place, text);
  return badPath(place, HOW, didYouMean(text, CONTEXT_ROOTS));
}

function parseArguments(text: string, place: Place): Path | undefined {
  const steps: PathStep[] = [];
  for (const segment of text.slice('args.'.length).split('.')) {
    const parts = SEGMENT.exec(segment);
    if (parts === null) return badPath(place, HOW);
    const [, key = '', subscripts = ''] = parts;
    steps.push({ kind: 'key', key });
    for (const [, subscript = ''] of subscripts.matchAll(SUBSCRIPT)) {
      steps.push(subscript === '*' ? { kind: 'each' } : { kind: 'index', index: Number(subscript) });
    }
  }
  return { text, form: 'dotted', root: 'args', steps };
}

function badPath(place: Place, message: string, fix?: string): undefined {
  place.findings.add('bad_path', place.pointer, message, fix);
  return undefined;
}
