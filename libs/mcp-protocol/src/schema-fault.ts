import { ExactNumber, type JsonValue } from '@sallyport/kernel';

/** JSON levels of a definition; 32 nested object schemas, since each takes a level for `properties` and one for itself. */
const MAX_LEVELS = 64;
/** Objects, arrays and values of one definition. */
const MAX_NODES = 50_000;
const REFERENCES: ReadonlySet<string> = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

/**
 * What makes a definition unfit to be handed on, as a sentence: too deep or too large to walk, or a schema reference that leaves the document.
 *
 * Local references, recursive ones too, are fine: nothing here follows them. A text under a key like `$ref` counts as a reference
 * wherever it stands, since a reader that does follow them may not know data from schema either.
 *
 * Not recursive itself: the value may come from a parser without a depth bound.
 */
export function schemaFault(definition: JsonValue): string | undefined {
  const open: { readonly value: JsonValue; readonly level: number }[] = [{ value: definition, level: 1 }];
  let nodes = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, level } = next;
    nodes += 1;
    if (nodes > MAX_NODES) return `The definition has more than ${MAX_NODES} values.`;
    if (typeof value !== 'object' || value === null || value instanceof ExactNumber) continue;
    if (level > MAX_LEVELS) return 'The definition is nested more than 32 schemas deep.';
    for (const [key, member] of Object.entries(value)) {
      if (REFERENCES.has(key) && typeof member === 'string' && !member.startsWith('#')) return `A schema has a ${key} that leaves the definition.`;
      if (member !== undefined) open.push({ value: member as JsonValue, level: level + 1 });
    }
  }
  return undefined;
}
