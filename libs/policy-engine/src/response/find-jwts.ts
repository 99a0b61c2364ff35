import { isJsonObject, type JsonObject } from '@sallyport/kernel';

import { decodeBase64 } from './base64.js';
import { beginsAt, type TextMatch } from './text-match.js';

/**
 * A run of parts joined by dots. Each part ends at a dot and the run begins where a value can, so that no stretch is read twice.
 * A header is a JSON object, which begins with `{"`, `{ ` or a line break: `eyJ`, `eyA` or `ew`.
 */
const RUN = /e[yw][\w-]{8,}(?:\.[\w-]*){2,4}/y;
const START = /e[yw]/g;
const READ = new TextDecoder('utf-8', { fatal: true });

/** The detector `jwt`: tokens in the compact form of RFC 7515 (three parts) or RFC 7516 (five), if their first part decodes to a header. */
export function findJwts(text: string): readonly TextMatch[] {
  const found: TextMatch[] = [];
  let end = 0;
  for (const { index } of text.matchAll(START)) {
    if (index < end || !isRunStart(text, index)) continue;
    RUN.lastIndex = index;
    const run = RUN.exec(text)?.[0];
    if (run === undefined) continue;
    end = index + lengthOfToken(run);
    if (end > index) found.push({ start: index, end });
  }
  return found;
}

function isRunStart(text: string, at: number): boolean {
  const before = text[at - 1];
  return before !== '-' && before !== '_' && beginsAt(text, at);
}

/** How much of a run of dotted parts is a token; 0 where none begins it. Two further parts after a signature are the next sentence's. */
function lengthOfToken(run: string): number {
  const parts = run.split('.');
  const header = headerOf(parts[0] ?? '');
  if (header === undefined || (parts[1] ?? '') === '' && header['enc'] === undefined) return 0;
  const count = parts.length === 5 && header['enc'] !== undefined ? 5 : 3;
  return parts.slice(0, count).join('.').length;
}

function headerOf(part: string): JsonObject | undefined {
  const bytes = decodeBase64(part);
  if (bytes === undefined) return undefined;
  try {
    const header: unknown = JSON.parse(READ.decode(bytes));
    return isJsonObject(header) && typeof header['alg'] === 'string' ? header : undefined;
  } catch {
    // Not text, or not JSON: then this is no header.
    return undefined;
  }
}
