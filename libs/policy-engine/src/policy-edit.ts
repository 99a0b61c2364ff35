import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

/** One operation of a JSON Patch (RFC 6902) on a policy document. */
export type EditOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move'; readonly from: string; readonly path: string };

/** What to do to a document, one operation after the other. */
export type PolicyEdit = readonly EditOperation[];

const LIST_INDEX = /^(?:0|[1-9]\d*)$/;

/** Carries an edit out. Undefined when it does not fit the document, which is then another than the edit was made for. */
export function applyPolicyEdit(document: JsonValue, edit: PolicyEdit): JsonValue | undefined {
  return edit.reduce<JsonValue | undefined>((current, operation) => (current === undefined ? undefined : applyOne(current, operation)), document);
}

function applyOne(document: JsonValue, operation: EditOperation): JsonValue | undefined {
  switch (operation.op) {
    case 'add':
    case 'replace':
      return changed(document, tokensOf(operation.path), { value: operation.value, inserts: operation.op === 'add' });
    case 'remove':
      return changed(document, tokensOf(operation.path), { value: undefined, inserts: false });
    case 'move': {
      const moved = valueAt(document, tokensOf(operation.from));
      const without = moved === undefined ? undefined : changed(document, tokensOf(operation.from), { value: undefined, inserts: false });
      return without === undefined || moved === undefined ? undefined : changed(without, tokensOf(operation.path), { value: moved, inserts: true });
    }
  }
}

interface Change {
  readonly value: JsonValue | undefined;
  readonly inserts: boolean;
}

function changed(at: JsonValue, [token, ...rest]: readonly string[], change: Change): JsonValue | undefined {
  if (token === undefined) return change.value;
  if (Array.isArray(at)) return changedList(at as readonly JsonValue[], [token, ...rest], change);
  if (!isJsonObject(at)) return undefined;
  const own = Object.hasOwn(at, token) ? at[token] : undefined;
  if (rest.length === 0) return own === undefined && !change.inserts ? undefined : withMember(at, token, change.value);
  const inner = own === undefined ? undefined : changed(own, rest, change);
  return inner === undefined ? undefined : withMember(at, token, inner);
}

function changedList(list: readonly JsonValue[], [token = '', ...rest]: readonly string[], change: Change): JsonValue | undefined {
  const index = token === '-' ? list.length : indexOf(token);
  const own = list[index];
  if (rest.length > 0) {
    const inner = own === undefined ? undefined : changed(own, rest, change);
    return inner === undefined ? undefined : list.with(index, inner);
  }
  if (change.inserts && change.value !== undefined && index <= list.length) return list.toSpliced(index, 0, change.value);
  if (own === undefined) return undefined;
  return change.value === undefined ? list.toSpliced(index, 1) : list.with(index, change.value);
}

function withMember(object: JsonObject, key: string, value: JsonValue | undefined): JsonObject {
  const copy: Record<string, JsonValue | undefined> = Object.assign(Object.create(null), object);
  if (value === undefined) delete copy[key];
  else copy[key] = value;
  return copy;
}

function valueAt(document: JsonValue, tokens: readonly string[]): JsonValue | undefined {
  return tokens.reduce<JsonValue | undefined>((at, token) => {
    if (Array.isArray(at)) return (at as readonly JsonValue[])[indexOf(token)];
    return isJsonObject(at) && Object.hasOwn(at, token) ? at[token] : undefined;
  }, document);
}

/** The index a token of a pointer names; `NaN` where it names none. */
function indexOf(token: string): number {
  return LIST_INDEX.test(token) ? Number(token) : Number.NaN;
}

function tokensOf(pointer: string): readonly string[] {
  return pointer.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
