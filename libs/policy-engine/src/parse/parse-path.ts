import type { JsonValue } from '@sallyport/kernel';

import { didYouMean } from '../closest-name.js';
import { CONTEXT_ROOTS, RESULT_MEMBERS, type ContextRoot, type Path, type PathStep } from '../document.js';
import { badType, objectWith, textOf, type DocumentPlace } from './shape.js';

const MAX_PATH = 512;
const SEGMENT = /^([^.[\]]+)((?:\[(?:\*|0|[1-9]\d{0,5})\])*)$/;
const SUBSCRIPT = /\[(\*|\d+)\]/g;
const FOLLOWED: readonly ContextRoot[] = ['identity.labels', 'grant.labels', 'tool.annotations'];
const RESULT_PATH = new RegExp(`^(?:${RESULT_MEMBERS.join('|')})(?:[.[]|$)`);
const HOW = 'A path is args.<name>, args.<name>.<name>, args.<list>[0] or [*], a fact such as identity.name, or { "pointer": "/name" }.';
const HOW_IN_ANSWERS = `A path is ${RESULT_MEMBERS.join(', ')} and what lies in them, args.<name>, a fact such as identity.name, or { "pointer": "/structuredContent/name" }.`;

/**
 * Parses a path: dotted text, or `{ "pointer": "/a.b/c" }`. A pointer starts at the arguments; in `response` at the tool's
 * result, whose members dotted paths may start with there too.
 */
export function parsePath(value: JsonValue, place: DocumentPlace): Path | undefined {
  if (typeof value === 'string') return parseDotted(value, place);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return badType(place, 'a path', value);
  const pointer = textOf(objectWith(value, place, { known: ['pointer'], required: ['pointer'] })?.['pointer'], place, MAX_PATH);
  return pointer === undefined ? undefined : parsePointer(pointer, place);
}

function parsePointer(text: string, place: DocumentPlace): Path | undefined {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return badPath(place, 'A pointer starts with / and writes ~ as ~0 and / as ~1.');
  const steps = text.slice(1).split('/').map(toToken);
  return { text, form: 'pointer', root: place.pathsFrom, steps };
}

function toToken(token: string): PathStep {
  return { kind: 'token', token: token.replaceAll('~1', '/').replaceAll('~0', '~') };
}

function parseDotted(text: string, place: DocumentPlace): Path | undefined {
  if (text.length > MAX_PATH) return badPath(place, `A path has at most ${MAX_PATH} characters.`);
  if (text.startsWith('args.')) return parseSteps(text, { root: 'args', from: 'args.'.length, place });
  if (place.pathsFrom === 'result' && RESULT_PATH.test(text)) return parseSteps(text, { root: 'result', from: 0, place });
  const root = CONTEXT_ROOTS.find((each) => each === text && !FOLLOWED.includes(each));
  if (root !== undefined) return { text, form: 'dotted', root, steps: [] };
  const named = FOLLOWED.find((each) => text.startsWith(`${each}.`) && text.length > each.length + 1);
  if (named !== undefined) return { text, form: 'dotted', root: named, steps: [{ kind: 'key', key: text.slice(named.length + 1) }] };
  const unnamed = FOLLOWED.find((each) => each === text || `${each}.` === text);
  const begins = place.pathsFrom === 'result' ? [...CONTEXT_ROOTS, ...RESULT_MEMBERS] : CONTEXT_ROOTS;
  return badPath(place, howIn(place), unnamed === undefined ? didYouMean(text, begins) : `Name one of them: ${unnamed}.<name>.`);
}

function parseSteps(text: string, at: { readonly root: 'args' | 'result'; readonly from: number; readonly place: DocumentPlace }): Path | undefined {
  const steps: PathStep[] = [];
  for (const segment of text.slice(at.from).split('.')) {
    const parts = SEGMENT.exec(segment);
    if (parts === null) return badPath(at.place, howIn(at.place));
    const [, key = '', subscripts = ''] = parts;
    steps.push({ kind: 'key', key });
    for (const [, subscript = ''] of subscripts.matchAll(SUBSCRIPT)) {
      steps.push(subscript === '*' ? { kind: 'each' } : { kind: 'index', index: Number(subscript) });
    }
  }
  return { text, form: 'dotted', root: at.root, steps };
}

function howIn({ pathsFrom }: DocumentPlace): string {
  return pathsFrom === 'result' ? HOW_IN_ANSWERS : HOW;
}

function badPath(place: DocumentPlace, message: string, fix?: string): undefined {
  place.findings.add('bad_path', place.pointer, message, fix);
  return undefined;
}
