import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { didYouMean } from '../closest-name.js';
import type { PatternCheck } from '../cel/check-cel.js';
import { badType, inside, type Place } from '../parse/shape.js';
import { SCHEMA_KEYWORDS, fitsShape, isTextList, type KeywordShape } from './schema-keywords.js';
import { resolveReference } from './schema-reference.js';

const MAX_WRITTEN_OUT = 2_000;

/**
 * Checks a JSON Schema 2020-12: every keyword is one that is read, references lead to schemas within it and never in a
 * circle, and with references written out it has at most 2,000 parts.
 */
export function checkSchema(schema: JsonValue, place: Place, refusalOfPattern: PatternCheck): void {
  const checker = new Checker(schema, place, refusalOfPattern);
  checker.check(schema, place);
  if (checker.isGood) checker.measure();
}

class Checker {
  isGood = true;
  private readonly references: { readonly schema: JsonValue; readonly place: Place }[] = [];

  constructor(
    private readonly root: JsonValue,
    private readonly place: Place,
    private readonly refusalOfPattern: PatternCheck,
  ) {}

  check(schema: JsonValue, place: Place): void {
    if (typeof schema === 'boolean') return;
    if (!isJsonObject(schema)) return this.refuseType('a JSON Schema', schema, place);
    for (const [keyword, operand] of Object.entries(schema)) {
      const shape = SCHEMA_KEYWORDS.get(keyword);
      if (shape === undefined) this.refuse(`The keyword "${keyword.slice(0, 80)}" is not read here.`, inside(place, keyword), didYouMean(keyword, SCHEMA_KEYWORDS.keys()));
      else if (operand !== undefined) this.checkKeyword({ keyword, shape }, operand, inside(place, keyword));
    }
  }

  /** Finds circles, and how large the schema is with every reference written out. */
  measure(): void {
    const sizes = new Map<JsonValue, number>();
    const open = new Set<JsonValue>();
    const sizeOf = (schema: JsonValue): number => {
      if (!isJsonObject(schema)) return 1;
      const known = sizes.get(schema);
      if (known !== undefined) return known;
      if (open.has(schema)) return Number.POSITIVE_INFINITY;
      open.add(schema);
      let size = 1;
      for (const part of appliedParts(schema, this.root)) size += sizeOf(part);
      open.delete(schema);
      sizes.set(schema, size);
      return size;
    };
    const circular = this.references.find(({ schema }) => sizeOf(schema) === Number.POSITIVE_INFINITY);
    if (circular !== undefined) return this.refuse('This reference leads in a circle.', circular.place);
    const size = sizeOf(this.root);
    if (size > MAX_WRITTEN_OUT) this.refuse(`With its references written out this schema has ${size > 1e6 ? 'over a million' : size} parts; at most ${MAX_WRITTEN_OUT} are allowed.`, this.place);
  }

  private checkKeyword({ keyword, shape }: { readonly keyword: string; readonly shape: KeywordShape }, operand: JsonValue, place: Place): void {
    const fits = fitsShape(shape, operand);
    if (fits === false) return this.refuseType(`what "${keyword}" takes (${shape})`, operand, place);
    if (shape === 'pattern') this.checkPattern(String(operand), place);
    if (keyword === '$ref') this.checkReference(String(operand), place);
    if (fits !== undefined) return;
    if (shape === 'schema') return this.check(operand, place);
    if (shape === 'schema list') return this.checkList(operand, place);
    this.checkMembers(shape, operand, place);
  }

  private checkList(operand: JsonValue, place: Place): void {
    if (!Array.isArray(operand) || operand.length === 0) return this.refuseType('a list of schemas', operand, place);
    for (const [index, each] of (operand as readonly JsonValue[]).entries()) this.check(each, inside(place, index));
  }

  private checkMembers(shape: KeywordShape, operand: JsonValue, place: Place): void {
    if (!isJsonObject(operand)) return this.refuseType('an object', operand, place);
    for (const [name, each] of Object.entries(operand)) {
      const at = inside(place, name);
      if (shape === 'schemas by pattern') this.checkPattern(name, at);
      if (shape !== 'texts by name') this.check(each ?? null, at);
      else if (!isTextList(each)) this.refuseType('a list of texts', each ?? null, at);
    }
  }

  private checkPattern(pattern: string, place: Place): void {
    const refusal = this.refusalOfPattern(pattern);
    if (refusal === undefined) return;
    this.isGood = false;
    place.findings.add('bad_regex', place.pointer, refusal);
  }

  private checkReference(reference: string, place: Place): void {
    const schema = resolveReference(reference, this.root);
    if (isJsonObject(schema) || typeof schema === 'boolean') this.references.push({ schema, place });
    else this.refuse('A reference leads to a schema within this one: "#" or "#/$defs/<name>".', place);
  }

  private refuse(message: string, place: Place, fix?: string): void {
    this.isGood = false;
    place.findings.add('bad_schema', place.pointer, message, fix);
  }

  private refuseType(wanted: string, value: JsonValue, place: Place): void {
    this.isGood = false;
    badType(place, wanted, value);
  }
}

/** The schemas that a schema applies, what its reference leads to included. */
function appliedParts(schema: JsonObject, root: JsonValue): readonly JsonValue[] {
  const parts: JsonValue[] = [];
  for (const [keyword, operand] of Object.entries(schema)) {
    const shape = SCHEMA_KEYWORDS.get(keyword);
    if (operand === undefined || keyword === '$defs' || keyword === 'definitions') continue;
    if (keyword === '$ref') parts.push(resolveReference(String(operand), root) ?? false);
    else if (shape === 'schema') parts.push(operand);
    else if (shape === 'schema list' && Array.isArray(operand)) parts.push(...(operand as readonly JsonValue[]));
    else if ((shape === 'schemas' || shape === 'schemas by pattern') && isJsonObject(operand)) parts.push(...Object.values(operand).filter((each) => each !== undefined));
  }
  return parts;
}
