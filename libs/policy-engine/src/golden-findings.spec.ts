import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import type { DeclaredTool } from './declared-tool.js';
import { diffPolicies } from './diff-policies.js';
import type { PolicyFinding } from './finding.js';
import { lintPolicy } from './lint-policy.js';
import { parsePolicy } from './parse/parse-policy.js';
import { aPolicyDocument } from './testing/a-policy.js';

/** A document and what is said of it, word for word: code and pointer, the sentence, then the fix and the edit where there are some. */
interface GoldenCase {
  readonly findings: readonly (readonly unknown[])[];
}
interface RefusedCase extends GoldenCase {
  /** The text of the document. */
  readonly policy: string;
}
interface WarnedCase extends GoldenCase {
  readonly policy: object;
  /** The server's tools, or the name of a list of them. */
  readonly tools: string | readonly DeclaredTool[] | null;
}

const fixture = (file: string): unknown => JSON.parse(readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8'));
const lists = fixture('declared-tools.json') as Readonly<Record<string, readonly DeclaredTool[]>>;
const said = (findings: readonly PolicyFinding[]) => findings.map(({ code, pointer, message, fix, edit }) => [`${code} ${pointer}`, message, ...[fix, edit].filter((each) => each !== undefined)]);

describe('what is said of a document', () => {
  it.each((fixture('parse-refusals.json') as readonly RefusedCase[]).map(({ policy, findings }) => [policy, findings] as const))('refused: %s', (policy, findings) => {
    const parsed = parsePolicy(policy);
    expect(said(parsed.ok ? [] : parsed.refusal)).toEqual(findings);
    expect(parsed.ok || parsed.refusal.every(({ severity }) => severity === 'error')).toBe(true);
  });

  it.each((fixture('lint-warnings.json') as readonly WarnedCase[]).map((each) => [JSON.stringify(each.policy), each] as const))('warned of: %s', (_, { policy, tools, findings }) => {
    const found = lintPolicy(aPolicyDocument(policy), typeof tools === 'string' ? lists[tools] : (tools ?? undefined));
    expect(said(found)).toEqual(findings);
    expect(found.every(({ severity }) => severity === 'warning')).toBe(true);
  });
});

interface DiffCase {
  readonly before: object;
  readonly after: object;
  readonly entries: readonly object[];
}

describe('what is said of a change', () => {
  it.each((fixture('diff-sentences.json') as readonly DiffCase[]).map((each) => [JSON.stringify(each.before), JSON.stringify(each.after), each] as const))('from %s to %s', (_, __, { before, after, entries }) => {
    expect(diffPolicies(aPolicyDocument(before), aPolicyDocument(after)).entries).toEqual(entries);
  });

  it('never says the same of both sides', () => {
    for (const { entries } of fixture('diff-sentences.json') as readonly { readonly entries: readonly { readonly sentence: string }[] }[]) {
      for (const { sentence } of entries) {
        const [now = '', before] = sentence.replace(/\.$/, '').split(/,? instead of:? /);
        if (before !== undefined) expect(now.endsWith(before)).toBe(false);
      }
    }
  });
});
