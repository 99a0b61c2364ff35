import type { DescEnum, DescField } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';

/** Whether a field stands for a value that may be `null`: an `optional` scalar or enum. */
export function isNullable(field: DescField): boolean {
  return (field.fieldKind === 'scalar' || field.fieldKind === 'enum') && field.presence === FeatureSet_FieldPresence.EXPLICIT;
}

interface Words {
  readonly numbers: ReadonlyMap<string, number>;
  readonly words: ReadonlyMap<number, string>;
}

const wordsOf = new WeakMap<DescEnum, Words>();

/** The enum value a word of a closed set stands for; the zero value is no word. */
export function numberOfWord(desc: DescEnum, word: string): number | undefined {
  return tableOf(desc).numbers.get(word);
}

/** The word an enum value stands for. */
export function wordOfNumber(desc: DescEnum, number: number): string | undefined {
  return tableOf(desc).words.get(number);
}

function tableOf(desc: DescEnum): Words {
  const known = wordsOf.get(desc);
  if (known !== undefined) return known;
  const pairs = desc.values.filter((value) => value.number !== 0).map((value) => [value.localName.toLowerCase(), value.number] as const);
  const table = { numbers: new Map(pairs), words: new Map(pairs.map(([word, number]) => [number, word] as const)) };
  wordsOf.set(desc, table);
  return table;
}
