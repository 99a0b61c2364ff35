import { readFileSync } from 'node:fs';

import type { ExportFormat, SinkTypeName } from '@sallyport/graphql-contract';
import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';
import { EXPORT_FORMATS, SINK_TYPES } from '@sallyport/sinks';
import { InvalidArgumentError } from 'commander';

import { cliFault } from '../cli-faults.js';
import { readText } from '../session/credentials.js';

/** One `--set key=value`, not read yet. */
export interface SettingFlag {
  readonly path: readonly string[];
  readonly text: string;
}

/** One `--credential name=@FILE`, not read yet: a file, or `null` for standard input. */
export interface CredentialFlag {
  readonly name: string;
  readonly file: string | null;
}

const STDIN = 0;
const CREDENTIAL_FORM = 'Write a credential as name=@FILE, or name=- for standard input: what stands in a command line can be read by others.';

/** Collects `--set key=value`; `a.b=value` is a member of a member. */
export function collectSetting(text: string, before: readonly SettingFlag[] = []): readonly SettingFlag[] {
  const [key, value] = halvesOf(text, 'Write a setting as key=value.');
  return [...before, { path: key.split('.'), text: value }];
}

/** Collects `--credential name=@FILE` or `name=-`. What is neither is not shown again, as commander would: it may be a secret. */
export function collectCredential(text: string, before: readonly CredentialFlag[] = []): readonly CredentialFlag[] {
  const [name, source] = halvesOf(text, CREDENTIAL_FORM);
  if (source === '-') return [...before, { name, file: null }];
  if (!source.startsWith('@')) throw cliFault.usage(CREDENTIAL_FORM);
  return [...before, { name, file: source.slice(1) }];
}

/** Collects a flag that may stand several times. */
export function collectText(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Reads a kind of sink, for commander: `splunk_hec` or `splunk-hec`. */
export function sinkType(text: string): SinkTypeName {
  const known = SINK_TYPES.find((name) => name === text.replaceAll('-', '_'));
  if (known === undefined) throw new InvalidArgumentError(`Kinds of sink are ${SINK_TYPES.join(', ')}; see sallyport sink types.`);
  return known;
}

/** Reads a format, for commander. */
export function exportFormat(text: string): ExportFormat {
  const known = EXPORT_FORMATS.find((name) => name === text);
  if (known === undefined) throw new InvalidArgumentError(`Formats are ${EXPORT_FORMATS.join(', ')}.`);
  return known;
}

/**
 * The settings that `--set` says, over those that are there. A value that is JSON is meant as such (`5`, `true`, `["a"]`), any other as text;
 * `@FILE` is a file's text.
 */
export function settingsOf(flags: readonly SettingFlag[], before: JsonObject = {}): JsonObject {
  return flags.reduce<JsonObject>((settings, { path, text }) => withMember(settings, path, text.startsWith('@') ? readText(text.slice(1)).trimEnd() : asJson(text)), before);
}

/** Reads the secrets that `--credential` names. */
export function credentialsOf(flags: readonly CredentialFlag[]): { name: string; value: string }[] {
  return flags.map(({ name, file }) => ({ name, value: (file === null ? readFileSync(STDIN, 'utf8') : readText(file)).trim() }));
}

function withMember(settings: JsonObject, [first = '', ...rest]: readonly string[], value: JsonValue): JsonObject {
  if (rest.length === 0) return { ...settings, [first]: value };
  const inner = settings[first];
  return { ...settings, [first]: withMember(inner !== undefined && isJsonObject(inner) ? inner : {}, rest, value) };
}

function asJson(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

function halvesOf(text: string, complaint: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw cliFault.usage(complaint);
  return [text.slice(0, at), text.slice(at + 1)];
}
