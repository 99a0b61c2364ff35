import { ok, refuse, type Result } from '@sallyport/kernel';
import { type Document, LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml';
import type { core } from 'zod';

import { DEFAULT_LIMITS, type OperatorLimits } from './limits.js';
import type { OperatorFileError } from './operator-file-error.js';
import { operatorFileSchema, type RawOperatorFile } from './operator-file-schema.js';
import type { OperatorFile } from './operator-file.js';

/**
 * Reads the text of `sallyport.yaml`. An empty file means defaults.
 *
 * @returns The file, or everything that is wrong with it, in the order of its lines: unknown keys and bad values stop the start.
 * @see This library's README.
 */
export function parseOperatorFile(text: string): Result<OperatorFile, readonly OperatorFileError[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  const malformed = document.errors.map((error) => ({ line: error.linePos?.[0].line ?? 1, message: `${firstLine(error.message)}.` }));
  if (malformed.length > 0) return refuse(malformed);

  const parsed = operatorFileSchema.safeParse(document.toJS() ?? {});
  const place = (path: Path, key?: string): number => lineOf({ document, lines, path, key });
  if (!parsed.success) return refuse(inLineOrder(parsed.error.issues.flatMap((issue) => errorsOf(issue, place))));
  const repeated = repeatedSlugs(parsed.data, place);
  return repeated.length > 0 ? refuse(repeated) : ok(withDefaults(parsed.data));
}

type Path = readonly PropertyKey[];
type Place = (path: Path, key?: string) => number;

function errorsOf(issue: core.$ZodIssue, place: Place): readonly OperatorFileError[] {
  const where = nameOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ line: place(issue.path, key), message: unknownKey(key, where) }));
    case 'invalid_union':
      if (issue.errors.length === 0) return [{ line: place(issue.path), message: `${where} ${issue.message}.` }];
      return closestBranch(issue.errors).flatMap((inner) => errorsOf({ ...inner, path: [...issue.path, ...inner.path] }, place));
    default:
      return [{ line: place(issue.path), message: `${where} ${issue.message}.` }];
  }
}

function unknownKey(key: string, where: string): string {
  return `"${key}" is not a key of ${where}; keys are written exactly as in the documentation.`;
}

/** Of a union's branches, the one that was meant: the one whose complaint lies deepest, else the first. */
function closestBranch(branches: readonly (readonly core.$ZodIssue[])[]): readonly core.$ZodIssue[] {
  const isShape = (issues: readonly core.$ZodIssue[]): boolean => issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0);
  return branches.find((issues) => !isShape(issues)) ?? branches[0] ?? [];
}

function nameOf(path: Path): string {
  if (path.length === 0) return 'the file';
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? String(step) : `${name}.${String(step)}`;
  }, '');
}

function lineOf(at: { document: Document; lines: LineCounter; path: Path; key: string | undefined }): number {
  const { document, lines, path, key } = at;
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (!isNode(node)) continue;
    const offset = (key === undefined ? undefined : keyOffset(node, key)) ?? node.range?.[0] ?? 0;
    return Math.max(1, lines.linePos(offset).line);
  }
  return 1;
}

function keyOffset(node: unknown, key: string): number | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

function repeatedSlugs(file: RawOperatorFile, place: Place): readonly OperatorFileError[] {
  const seen = new Set<string>();
  return file.stdio.flatMap((entry, index) => {
    const name = `${entry.organisation ?? ''}/${entry.slug}`;
    const repeated = seen.has(name);
    seen.add(name);
    return repeated ? [{ line: place(['stdio', index, 'slug']), message: `stdio[${index}].slug "${entry.slug}" is used twice.` }] : [];
  });
}

function withDefaults(file: RawOperatorFile): OperatorFile {
  return { stdio: file.stdio, egress: file.egress, limits: limitsOf(file.limits), sinks: file.sinks };
}

function limitsOf(raw: RawOperatorFile['limits']): OperatorLimits {
  return {
    requestBytes: raw.requestBytes ?? DEFAULT_LIMITS.requestBytes,
    resultBytes: raw.resultBytes ?? DEFAULT_LIMITS.resultBytes,
    heldResultBytes: raw.heldResultBytes ?? DEFAULT_LIMITS.heldResultBytes,
    callTimeoutMs: raw.callTimeout ?? DEFAULT_LIMITS.callTimeoutMs,
    streamIdleMs: raw.streamIdle ?? DEFAULT_LIMITS.streamIdleMs,
    concurrentCallsPerIdentity: raw.concurrentCallsPerIdentity ?? DEFAULT_LIMITS.concurrentCallsPerIdentity,
    sessionIdleMs: raw.sessionIdle ?? DEFAULT_LIMITS.sessionIdleMs,
    maxSessions: raw.maxSessions ?? DEFAULT_LIMITS.maxSessions,
    connectionsPerUpstream: raw.connectionsPerUpstream ?? DEFAULT_LIMITS.connectionsPerUpstream,
    waitingPerUpstream: raw.waitingPerUpstream ?? DEFAULT_LIMITS.waitingPerUpstream,
    connectTimeoutMs: raw.connectTimeout ?? DEFAULT_LIMITS.connectTimeoutMs,
    driftCheckIntervalMs: raw.driftCheckInterval ?? DEFAULT_LIMITS.driftCheckIntervalMs,
    journalBytes: raw.journalBytes ?? DEFAULT_LIMITS.journalBytes,
    busWaitMs: raw.busWait ?? DEFAULT_LIMITS.busWaitMs,
  };
}

function inLineOrder(errors: readonly OperatorFileError[]): readonly OperatorFileError[] {
  return [...errors].sort((one, other) => one.line - other.line);
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? message).replace(/ at line \d+, column \d+:?$/, '').replace(/[.:]$/, '');
}
