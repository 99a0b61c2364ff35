import { isJsonObject, type JsonValue } from '@sallyport/kernel';

/** What a `$ref` within a schema leads to; undefined when it leads nowhere, or out of the schema. */
export function resolveReference(reference: string, root: JsonValue): JsonValue | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let at: JsonValue | undefined = root;
  for (const token of reference.slice(2).split('/')) {
    const key = decoded(token);
    if (key === undefined) return undefined;
    if (Array.isArray(at)) at = /^(?:0|[1-9]\d*)$/.test(key) ? (at as readonly JsonValue[])[Number(key)] : undefined;
    else at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

function decoded(token: string): string | undefined {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}
