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

/** Sets whose words policies write with a capital (POLICY.md 1: `Destructive`). */
const CAPITALISED: ReadonlySet<string> = new Set(['sallyport.events.v1.ToolCategory', 'sallyport.events.v1.ToolRisk']);

function capitalised(name: string): string {
  return `${name.charAt(0)}${name.slice(1).toLowerCase()}`;
}

function tableOf(desc: DescEnum): Words {
  const known = wordsOf.get(desc);
  if (known !== undefined) return known;
  const wordOf = CAPITALISED.has(desc.typeName) ? capitalised : (name: string) => name.toLowerCase();
  const pairs = desc.values.filter((value) => value.number !== 0).map((value) => [wordOf(value.localName), value.number] as const);
  const table = { numbers: new Map(pairs), words: new Map(pairs.map(([word, number]) => [number, word] as const)) };
  wordsOf.set(desc, table);
  return table;
}
