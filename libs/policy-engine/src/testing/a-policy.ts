import type { CompiledPolicy } from '../compiled-policy.js';
import { compilePolicy } from '../compile-policy.js';
import type { PolicyDocument } from '../document.js';
import { parsePolicy } from '../parse/parse-policy.js';

/** Parses a policy given as a plain value or as its text; version 1 under `default: deny` where it does not say. Throws its findings when it is refused. */
export function aPolicyDocument(source: object | string): PolicyDocument {
  const text = typeof source === 'string' ? source : JSON.stringify({ version: '1', default: 'deny', ...source });
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`the policy of this test is refused: ${JSON.stringify(parsed.refusal)}`);
  return parsed.value;
}

/** `aPolicyDocument`, compiled. */
export function aPolicy(source: object | string): CompiledPolicy {
  return compilePolicy(aPolicyDocument(source));
}
