import { pointerToken } from '../finding.js';

const LONGEST_TOKEN = 128;

/** Where a value stands: a chain up to the root. */
export interface JsonPlace {
  readonly parent: JsonPlace | undefined;
  readonly token: string | number;
  readonly level: number;
}

/** Where a whole text's value stands. */
export const ROOT_PLACE: JsonPlace = { parent: undefined, token: '', level: 0 };

/** The JSON Pointer of a place, long keys cut. */
export function pointerOf(place: JsonPlace): string {
  const tokens: string[] = [];
  for (let at = place; at.parent !== undefined; at = at.parent) tokens.push(shortToken(at.token));
  return tokens.reverse().map((token) => `/${token}`).join('');
}

/** The place of a member or element. */
export function inside(parent: JsonPlace, token: string | number): JsonPlace {
  return { parent, token, level: parent.level + 1 };
}

function shortToken(token: string | number): string {
  const text = pointerToken(token);
  return text.length > LONGEST_TOKEN ? `${text.slice(0, LONGEST_TOKEN)}…` : text;
}
