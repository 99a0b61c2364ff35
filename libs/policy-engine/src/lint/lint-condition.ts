import { canonicalJson, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { closestName } from '../closest-name.js';
import { WEEKDAYS } from '../conditions/utc-time.js';
import { TOOL_CATEGORIES, TOOL_RISKS, type Comparison, type Condition, type Path, type PathStep } from '../document.js';
import { pointerToken, type FindingList } from '../finding.js';
import { admits, canBe, listedTexts, sayTypes, schemaAt, type SchemaAt } from './input-schema.js';

/** What is known of the calls a rule is about. */
export interface LintSubject {
  /** The tool; undefined in `all_tools` and `select`. */
  readonly tool: string | undefined;
  /** What the tools declare that the rule is about; undefined where the server's list is not at hand or does not have the tool. */
  readonly schemas: readonly JsonObject[] | undefined;
}

const TEXT: JsonObject = { type: 'string' };
const TEXTS: JsonObject = { type: 'array', items: TEXT };
const CATEGORY: JsonObject = { enum: TOOL_CATEGORIES };
const RISK: JsonObject = { enum: TOOL_RISKS };
const HINT: JsonObject = { type: ['boolean', 'string'] };
const COUNT: JsonObject = { type: 'integer' };
const HOUR: JsonObject = { enum: Array.from({ length: 24 }, (_, hour) => hour) };
const WEEKDAY: JsonObject = { enum: WEEKDAYS };

/** Warns of a path that no tool declares, and of a value that cannot be what the path finds; in groups too. */
export function lintCondition(condition: Condition, pointer: string, about: { readonly subject: LintSubject; readonly findings: FindingList }): void {
  for (const { comparison, pointer: at } of comparisonsAt(condition, pointer)) lintComparison(comparison, at, about);
}

/** The comparisons in a condition, each with where it stands. */
export function comparisonsAt(condition: Condition, pointer: string): readonly { readonly comparison: Comparison; readonly pointer: string }[] {
  switch (condition.kind) {
    case 'comparison':
      return [{ comparison: condition, pointer }];
    case 'any':
    case 'all':
      return condition.conditions.flatMap((each, index) => comparisonsAt(each, `${pointer}/${condition.kind}/${index}`));
    case 'not':
      return comparisonsAt(condition.condition, `${pointer}/not`);
    case 'cel':
      return [];
  }
}

function lintComparison(comparison: Comparison, pointer: string, { subject, findings }: { readonly subject: LintSubject; readonly findings: FindingList }): void {
  const at = placeOf(comparison.path, subject);
  if (at.kind === 'absent') warnUnknownPath(comparison.path, { pointer: `${pointer}/path`, at, findings });
  if (at.kind !== 'found') return;
  const wrong = mismatch(comparison, at.schemas);
  if (wrong === undefined) return;
  const better = betterValue(comparison, at.schemas);
  const edit = better === undefined ? undefined : [{ op: 'replace' as const, path: `${pointer}/value`, value: better }];
  findings.add('type_mismatch', `${pointer}/value`, wrong, better === undefined ? undefined : `Write ${canonicalJson(better)}.`, edit);
}

/** What is known of the values a path finds in the calls of any of the tools. */
export function placeOf(path: Path, { tool, schemas }: LintSubject): SchemaAt {
  if (path.root !== 'args') return { kind: 'found', schemas: [contextSchema(path.root, tool)], isRequired: true };
  if (schemas === undefined || schemas.length === 0) return { kind: 'open' };
  const places = schemas.map((schema) => schemaAt(schema, path.steps));
  if (places.some(({ kind }) => kind === 'open')) return { kind: 'open' };
  const found = places.filter((place) => place.kind === 'found');
  if (found.length > 0) return { kind: 'found', schemas: found.flatMap((place) => place.schemas), isRequired: found.every(({ isRequired }) => isRequired) };
  const absent = places.filter((place) => place.kind === 'absent');
  const step = Math.max(...absent.map((place) => place.step));
  return { kind: 'absent', step, known: [...new Set(absent.flatMap((place) => (place.step === step ? place.known : [])))] };
}

/** Warns of a path that leads to nothing any of the tools declares. */
export function warnUnknownPath(
  path: Path,
  to: { readonly pointer: string; readonly at: Extract<SchemaAt, { kind: 'absent' }>; readonly findings: FindingList },
): void {
  const step = path.steps[to.at.step];
  const name = step?.kind === 'key' ? step.key : step?.kind === 'token' ? step.token : undefined;
  const what = name === undefined ? 'no list there' : `no "${name}" there`;
  const closest = name === undefined ? undefined : closestName(name, to.at.known);
  const fix = closest === undefined ? undefined : `Did you mean "${closest}"?`;
  const better = closest === undefined ? undefined : withName(path, to.at.step, closest);
  const edit = better === undefined ? undefined : [{ op: 'replace' as const, path: to.pointer, value: better }];
  to.findings.add('unknown_path', to.pointer, `The tool's inputSchema declares ${what}, so ${path.text} will be missing in its calls.`, fix, edit);
}

/** The path as a document writes it, with another name in one place; undefined where no path can say both that name and `[*]`. */
function withName(path: Path, at: number, name: string): JsonValue | undefined {
  const steps = path.steps.map((step, index): PathStep => (index === at ? { kind: path.form === 'pointer' ? 'token' : 'key', key: name, token: name } as PathStep : step));
  if (path.form === 'dotted' && !/[.[\]]/.test(name)) return `args${steps.map(dottedStep).join('')}`;
  return steps.some(({ kind }) => kind === 'each') ? undefined : { pointer: steps.map(pointerStep).join('') };
}

function pointerStep(step: PathStep): string {
  return step.kind === 'each' ? '/*' : `/${pointerToken(step.kind === 'key' ? step.key : step.kind === 'index' ? step.index : step.token)}`;
}

function dottedStep(step: PathStep): string {
  if (step.kind === 'each') return '[*]';
  return step.kind === 'index' ? `[${step.index}]` : `.${step.kind === 'key' ? step.key : step.token}`;
}

/** The value that was surely meant: the one listed that is nearest, or the number that a text says. */
function betterValue({ op, value }: Comparison, schemas: readonly JsonObject[]): JsonValue | undefined {
  if ((op !== 'eq' && op !== 'neq') || typeof value !== 'string') return undefined;
  const listed = listedTexts(schemas);
  const closest = closestName(value, listed);
  if (closest !== undefined) return closest;
  return /^-?\d{1,15}$/.test(value) && String(Number(value)) === value && admits(schemas, Number(value)) ? Number(value) : undefined;
}

function contextSchema(root: Path['root'], tool: string | undefined): JsonObject {
  switch (root) {
    case 'time.hour':
      return HOUR;
    case 'time.weekday':
      return WEEKDAY;
    case 'identity.groups':
      return TEXTS;
    case 'tool.category':
      return CATEGORY;
    case 'tool.risk':
      return RISK;
    case 'tool.annotations':
      return HINT;
    case 'session.calls':
      return COUNT;
    case 'tool.name':
      return tool === undefined ? TEXT : { enum: [tool] };
    default:
      return TEXT;
  }
}

function mismatch({ path, op, value }: Comparison, schemas: readonly JsonObject[]): string | undefined {
  switch (op) {
    case 'eq':
    case 'neq':
      return admits(schemas, value) ? undefined : neverEqual(path, value, schemas);
    case 'in':
    case 'not_in': {
      const stranger = (value as readonly JsonValue[]).find((each) => !admits(schemas, each));
      return stranger === undefined ? undefined : neverEqual(path, stranger, schemas);
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return canBe(schemas, ['number']) ? undefined : wrongType(path, op, schemas);
    case 'regex':
    case 'starts_with':
    case 'ends_with':
    case 'host_in':
    case 'host_not_in':
      return canBe(schemas, ['string']) ? undefined : wrongType(path, op, schemas);
    case 'contains':
    case 'length_gt':
    case 'length_lt':
      return canBe(schemas, ['string', 'array']) ? undefined : wrongType(path, op, schemas);
    case 'exists':
    case 'matches_schema':
      return undefined;
  }
}

function neverEqual(path: Path, value: JsonValue, schemas: readonly JsonObject[]): string {
  const text = canonicalJson(value);
  return `${path.text} is ${sayTypes(schemas)}, so it never equals ${text.length > 80 ? `${text.slice(0, 80)}…` : text}.`;
}

function wrongType(path: Path, op: string, schemas: readonly JsonObject[]): string {
  return `${path.text} is ${sayTypes(schemas)}, which "${op}" never holds for.`;
}
