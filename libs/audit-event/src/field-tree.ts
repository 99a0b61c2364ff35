import type { Field, FieldType } from './field-catalogue.js';

/** A field with the fields inside it, in the order in which RFC 8785 writes them. */
export interface FieldNode {
  readonly key: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly words: readonly string[];
  readonly fields: readonly FieldNode[];
}

/** The exported fields of a catalogue as a tree. A field inside one that is not exported is not exported either. */
export function fieldTree(catalogue: readonly Field[]): readonly FieldNode[] {
  return childrenOf('', catalogue.filter((field) => field.exported));
}

function childrenOf(prefix: string, catalogue: readonly Field[]): readonly FieldNode[] {
  return catalogue
    .filter((field) => field.path.startsWith(prefix) && !field.path.slice(prefix.length).includes('.'))
    .map((field) => ({
      key: field.path.slice(prefix.length),
      type: field.type,
      required: field.required,
      words: field.words,
      fields: childrenOf(`${field.path}${field.type === 'objects' ? '[]' : ''}.`, catalogue),
    }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}
