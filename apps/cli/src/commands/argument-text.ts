import { isJsonObject } from '@sallyport/kernel';

import { cliFault } from '../cli-faults.js';
import { readText } from '../session/credentials.js';

/** The JSON text of `--args`: given, read from `@FILE`, or `{}`. @throws {Fault} `cli.usage` unless it is a JSON object. */
export function argumentsText(given: string | undefined): string {
  const text = given === undefined ? '{}' : given.startsWith('@') ? readText(given.slice(1)) : given;
  if (isJsonObject(parsed(text))) return text;
  throw cliFault.usage(`--args must be a JSON object, such as '{"message":"hi"}', or @FILE.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported by the caller
  }
}
