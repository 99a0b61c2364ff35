import { canonicalJson, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { didYouMean } from '../closest-name.js';
import { WEEKDAYS } from '../conditions/utc-time.js';
import { TOOL_CATEGORIES, TOOL_RISKS, type Comparison, type Condition, type Path } from '../document.js';
import type { FindingList } from '../finding.js';
import { admits, canBe, sayTypes, schemaAt, type SchemaAt } from './input-schema.js';

/** What is known of the calls a rule is about. */
export interface LintSubject {
  /** The tool; undefined in `all_tools`. */
  readonly tool: string | undefined;
  readonly inputSchema: JsonObject | undefined;
}

const TEXT: JsonObject = { type: 'string' };
const TEXTS: JsonObject = { type: 'array', items: TEXT };
const CATEGORY: JsonObject = { enum: TOOL_CATEGORIES };
const RISK: JsonObject = { enum: TOOL_RISKS };
const HINT: JsonObject = { type: ['boolean', 'string'] };
const COUNT: JsonObject = { type: 'integer' };
const HOUR: JsonObject = { enum: Array.from({ length: 24 }, (_, hour) => hour) };
const WEEKDAY: JsonObject = { enum: WEEKDAYS };

/** Warns of a path that the tool does not declare, and of a value that cannot be what the path finds. */
export function lintCondition(condition: Condition, pointer: string, about: { readonly subject: LintSubject; readonly findings: FindingList }): void {
  if (condition.kind !== 'comparison') return;
  const at = placeOf(condition.path, about.subject);
  if (at.kind === 'absent') warnUnknownPath(condition.path, { pointer: `${pointer}/path`, at, findings: about.findings });
  if (at.kind !== 'found') return;
  const wrong = mismatch(condition, at.schemas);
  if (wrong !== undefined) about.findings.add('type_mismatch', `${pointer}/value`, wrong);
}

/** What is known of the values a path finds. */
export function placeOf(path: Path, { tool, inputSchema }: LintSubject): SchemaAt {
  if (path.root === 'args') return inputSchema === undefined ? { kind: 'open' } : schemaAt(inputSchema, path.steps);
  return { kind: 'found', schemas: [contextSchema(path.root, tool)], isRequired: true };
}

/** Warns of a path that leads to nothing the tool declares. */
export function warnUnknownPath(
  path: Path,
  to: { readonly pointer: string; readonly at: Extract<SchemaAt, { kind: 'absent' }>; readonly findings: FindingList },
): void {
  const step = path.steps[to.at.step];
  const name = step?.kind === 'key' ? step.key : step?.kind === 'token' ? step.token : undefined;
  const what = name === undefined ? 'no list there' : `no "${name}" there`;
  const fix = name === undefined ? undefined : didYouMean(name, to.at.known);
  to.findings.add('unknown_path', to.pointer, `The tool's inputSchema declares ${what}, so ${path.text} will be missing in its calls.`, fix);
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
