import { ExactNumber, ok, refuse, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Alias, type Node, type Pair, type Scalar } from 'yaml';

import { FindingList, pointerToken, type FindingCode, type PolicyFinding } from '../finding.js';
import { readJson } from '../parse/read-json.js';
import { nestsTooDeep } from './nests-too-deep.js';

/** A finding with the line and column of the text it is about, both from 1. */
export interface PlacedFinding extends PolicyFinding {
  readonly line: number;
  readonly column: number;
}

/** A YAML text read as JSON, and where in it each value stands. */
export interface YamlText {
  readonly value: JsonValue;
  /** Gives findings their places, by their pointers; one about a value that is not there gets that of what should hold it. */
  placed(findings: readonly PolicyFinding[]): readonly PlacedFinding[];
}

const MAX_BYTES = 65_536;
const MAX_LEVELS = 64;
/** Lines, and commas and brackets that may stand for more: each costs the parser some 20 µs, the first time, before anything is known of it. */
const MOST_MARKS = 1_200;
/** Words that begin as an anchor or an alias does, in texts too: each counts as a mark as well, since it may cost the parser twice that. */
const MAX_NAMES = 200;
const NAME = /(?<![^\s,[{:?-])[&*][^\s,[\]{}]/g;
/** Values read, those that aliases repeat counted each time. */
const MAX_VALUES = 20_000;
const MAX_SYNTAX = 10;
const MAX_ALIASES = 100;
/** Plain words that readers of YAML 1.1 and 1.2 understand differently. */
const AMBIGUOUS = /^(?:[-+]?0\d[\d_]*|[-+]?0[xXbBoO][\w]+|[-+]?\d[\d_]*_[\d_.]*|\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?|\d+(?::\d\d?)+|[-+]?\.\d+|\d+\.|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN))$/;

interface Reading {
  /** The newest node of each anchor's name, as far as the text is read. */
  readonly anchors: Map<string, Node>;
  readonly findings: FindingList;
  readonly offsets: Map<string, number>;
  count: number;
  aliases: number;
  /** How many aliases the value being read stands in for. */
  expanding: number;
}

/**
 * Reads a YAML 1.2 text, and so JSON too, as a JSON value with numbers kept exact. Refuses what readers of YAML do not agree
 * about, as `014`, `1_000`, `2026-11-21` without quotes, duplicate and structured keys, tags, more than one document, more
 * than 64 KiB, 1,200 lines, list items, anchors and aliases, 64 levels, 200 anchors, 100 aliases or 20,000 values.
 *
 * @param mostMarks Lines, list items, anchors and aliases for a text that is written by those who run it, and may take longer.
 */
export function readYaml(text: string, mostMarks: number = MOST_MARKS): Result<YamlText, readonly PlacedFinding[]> {
  const findings = new FindingList('error');
  const lines = new LineCounter();
  if (text.length > MAX_BYTES) findings.add('too_large', '', 'The text is larger than 64 KiB.');
  else if (marksOf(text) + namesOf(text) > mostMarks) findings.add('too_large', '', `The text has more than ${mostMarks} lines, list items, anchors and aliases.`);
  else if (namesOf(text) > MAX_NAMES) findings.add('too_large', '', `The text has more than ${MAX_NAMES} words that begin with & or *.`);
  else if (nestsTooDeep(text)) findings.add('too_deep', '', 'The text is nested more than 64 levels deep.');
  if (!findings.isEmpty) return refuse(findings.all().map((finding) => ({ ...finding, line: 1, column: 1 })));
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: false, logLevel: 'error', prettyErrors: false });
  if (document.errors.length > 0) return refuse(document.errors.slice(0, MAX_SYNTAX).map(({ message, pos }) => syntaxFinding(message, lines.linePos(pos[0]))));
  const reading: Reading = { anchors: new Map(), findings, offsets: new Map([['', 0]]), count: 0, aliases: 0, expanding: 0 };
  const value = valueOf(document.contents, reading, { pointer: '', level: 1 });
  const placed = (all: readonly PolicyFinding[]): readonly PlacedFinding[] => all.map((finding) => ({ ...finding, ...placeOf(finding.pointer, reading, lines) }));
  return findings.isEmpty ? ok({ value, placed }) : refuse(placed(findings.all()));
}

function marksOf(text: string): number {
  return text.match(/[\n,[{]/g)?.length ?? 0;
}

function namesOf(text: string): number {
  return text.match(NAME)?.length ?? 0;
}

function syntaxFinding(message: string, { line, col }: { readonly line: number; readonly col: number }): PlacedFinding {
  return { severity: 'error', code: 'bad_yaml', pointer: '', message: `Not valid YAML: ${message}.`, line: Math.max(line, 1), column: Math.max(col, 1) };
}

function placeOf(pointer: string, reading: Reading, lines: LineCounter): { readonly line: number; readonly column: number } {
  let at = pointer;
  while (at !== '' && !reading.offsets.has(at)) at = at.slice(0, at.lastIndexOf('/'));
  const { line, col } = lines.linePos(reading.offsets.get(at) ?? 0);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

interface At {
  readonly pointer: string;
  readonly level: number;
}

function valueOf(node: unknown, reading: Reading, at: At): JsonValue {
  reading.count += 1;
  if (reading.count > MAX_VALUES) return reported(reading, at, 'too_many', `The text holds more than ${MAX_VALUES} values.`);
  if (at.level > MAX_LEVELS) return reported(reading, at, 'too_deep', 'The text is nested more than 64 levels deep.');
  if (isAlias(node)) return aliased(node, reading, at);
  if (reading.expanding === 0 && isNode(node) && node.anchor !== undefined) reading.anchors.set(node.anchor, node);
  if (hasTag(node)) return reported(reading, at, 'bad_yaml', 'Tags such as !!str are not read; write the value as it is meant.');
  if (isMap(node)) return objectOf(node.items, reading, at);
  if (isSeq(node)) return node.items.map((item, index) => member(item, reading, { pointer: `${at.pointer}/${index}`, level: at.level + 1 }));
  return isScalar(node) ? scalarOf(node, reading, at) : null;
}

function aliased(node: Alias, reading: Reading, at: At): JsonValue {
  reading.aliases += 1;
  if (reading.aliases > MAX_ALIASES) return reported(reading, at, 'too_many', `The text has more than ${MAX_ALIASES} aliases.`);
  reading.expanding += 1;
  const value = valueOf(reading.anchors.get(node.source), reading, { pointer: at.pointer, level: at.level + 1 });
  reading.expanding -= 1;
  return value;
}

function member(node: unknown, reading: Reading, at: At): JsonValue {
  const offset = rangeStart(node);
  if (offset !== undefined && !reading.offsets.has(at.pointer)) reading.offsets.set(at.pointer, offset);
  return reading.findings.isFull || reading.count > MAX_VALUES ? null : valueOf(node, reading, at);
}

function objectOf(items: readonly Pair[], reading: Reading, at: At): JsonObject {
  const object = Object.create(null) as Record<string, JsonValue>;
  for (const { key, value } of items) {
    const name = isScalar(key) && !hasTag(key) ? (key.source ?? String(key.value)) : undefined;
    if (name === undefined) {
      reported(reading, at, 'bad_yaml', 'A key must be a plain word or a text.');
      continue;
    }
    const pointer = `${at.pointer}/${pointerToken(name)}`;
    const isTwice = name in object;
    reading.offsets.set(pointer, rangeStart(key) ?? rangeStart(value) ?? 0);
    if (isTwice) reported(reading, { pointer, level: at.level }, 'duplicate_key', 'This key stands twice in its object.');
    object[name] = member(value, reading, { pointer, level: at.level + 1 });
  }
  return object;
}

function scalarOf({ value, source = '', type }: Scalar, reading: Reading, at: At): JsonValue {
  if (type === 'PLAIN' && AMBIGUOUS.test(source)) return reported(reading, at, 'bad_yaml', 'Readers of YAML do not agree what this means; write a number as JSON does, or put the text in quotes.');
  if (typeof value === 'number' || typeof value === 'bigint') return numberOf(source, reading, at);
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function numberOf(source: string, reading: Reading, at: At): JsonValue {
  const read = readJson(source.replace(/^\+/, ''));
  const isNumber = read.ok && (typeof read.value === 'number' || read.value instanceof ExactNumber);
  return isNumber ? read.value : reported(reading, at, 'bad_yaml', 'Write this number as JSON does.');
}

function reported(reading: Reading, { pointer }: At, code: FindingCode, message: string): null {
  reading.findings.add(code, pointer, message);
  return null;
}

function hasTag(node: unknown): boolean {
  return (isScalar(node) || isMap(node) || isSeq(node)) && node.tag !== undefined;
}

function rangeStart(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
}
