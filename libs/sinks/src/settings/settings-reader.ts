import { isJsonObject, ok, refuse, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';

import type { ExportFormat, SettingProblem, SinkConfiguration, SinkType } from '../sink-type.js';
import type { Setting } from './setting.js';

/** The settings of one object, by name. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** What reading gives. */
export type ValuesOf<Of extends Settings> = { readonly [Name in keyof Of]: Of[Name] extends Setting<infer Value> ? Value : never };

/** JSON Schema (2020-12) of an object of settings; no other member is allowed. */
export function settingsSchema(of: Settings): JsonObject {
  const required = Object.keys(of).filter((name) => of[name]?.optional === false);
  const properties = Object.fromEntries(Object.entries(of).map(([name, { schema }]) => [name, schema]));
  return { type: 'object', additionalProperties: false, required, properties };
}

/** An object of settings inside others. `fallback` is read where it is absent. */
export function group<Of extends Settings>(told: { readonly description: string; readonly of: Of }): Setting<ValuesOf<Of>> {
  return { schema: { ...settingsSchema(told.of), description: told.description }, optional: false, read: (given, at) => readObject(told.of, given, at) };
}

/** Reads a whole object: every problem, not just the first. */
export function readObject<Of extends Settings>(of: Of, given: JsonValue | undefined, at: string): Result<ValuesOf<Of>, readonly SettingProblem[]> {
  if (!isJsonObject(given)) return refuse([{ pointer: at, message: 'Write an object.' }]);
  const problems: SettingProblem[] = unknownMembers(Object.keys(of), given, at);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(of)) {
    const read = setting.read(Object.hasOwn(given, name) ? given[name] : undefined, `${at}/${escaped(name)}`);
    if (read.ok) values[name] = read.value;
    else problems.push(...read.refusal);
  }
  return problems.length > 0 ? refuse(problems) : ok(values as ValuesOf<Of>);
}

/** What a kind of sink takes: enough to read a configuration. */
export interface Readable<Of extends Settings> {
  readonly settings: Of;
  readonly credentials: SinkType['credentials'];
  readonly formats: readonly ExportFormat[];
}

/** Reads settings, and looks at credentials (names, presence, that a header or a line can carry them) and format. Pointers begin with `/settings`, `/credentials` or `/format`. */
export function readConfiguration<Of extends Settings>(readable: Readable<Of>, configuration: SinkConfiguration): Result<ValuesOf<Of>, readonly SettingProblem[]> {
  const settings = readObject(readable.settings, configuration.settings, '/settings');
  const problems = [...(settings.ok ? [] : settings.refusal), ...credentialProblems(readable.credentials, configuration.credentials), ...formatProblems(readable.formats, configuration.format)];
  return problems.length > 0 || !settings.ok ? refuse(problems) : settings;
}

function credentialProblems(taken: SinkType['credentials'], given: SinkConfiguration['credentials']): readonly SettingProblem[] {
  const unknown = unknownMembers(taken.map(({ name }) => name), given, '/credentials');
  const missing = taken.filter(({ name, required }) => required && (given[name] ?? '') === '');
  return [...unknown, ...missing.map(({ name, description }) => ({ pointer: `/credentials/${name}`, message: `Missing. ${description}` }))];
}

function formatProblems(formats: readonly ExportFormat[], format: ExportFormat): readonly SettingProblem[] {
  return formats.includes(format) ? [] : [{ pointer: '/format', message: `Write one of ${formats.join(', ')}.` }];
}

function unknownMembers(known: readonly string[], given: object, at: string): SettingProblem[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({ pointer: `${at}/${escaped(name)}`, message: `Take it out: known are ${known.join(', ') || 'none'}.` }));
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
