import { canonicalJson, type JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { printPolicy } from './print-policy.js';
import { aPolicyDocument } from './testing/a-policy.js';

const head = { version: '1', default: 'deny' };
const whole = { ...head, mode: 'enforce', hide: [], tools: {} };
const rule = { require: [], deny_if: [], limits: [] };
const inTool = (of: object, printed: object = of) => [{ tools: { t: of } }, { ...whole, tools: { t: { ...rule, ...printed } } }] as const;
const match = { name: ['get_*'], category: ['Read'], risk: ['Low'], annotations: { readOnlyHint: true } };
const limit = { counter: 'c', window: 'day', max: 2.5, scope: 'argument:args.a', algorithm: 'sliding', increment_from: 'args.n', count: 'success', class: 'soft', on_exceed: 'require_approval', on_deny: 'Slow.' };
const flow = { after: { name: ['t'], server: ['s'], marks: 'm' }, deny: { name: ['u'] } };

describe('a printed policy', () => {
  it.each<readonly [string, object, object]>([
    ['nothing', {}, whole],
    ['its head', { description: '', mode: 'shadow', timezone: 'Europe/Berlin', hide: ['x_*'] }, { ...whole, description: '', mode: 'shadow', timezone: 'Europe/Berlin', hide: ['x_*'] }],
    ['rules of all tools', { all_tools: { record: 'full' } }, { ...whole, all_tools: { ...rule, record: 'full' } }],
    ['a class', { select: [{ match, allow: true }, { match: { name: ['a'] } }] }, { ...whole, select: [{ match, allow: true, ...rule }, { match: { name: ['a'] }, allow: false, ...rule }] }],
    ['conditions of every kind', ...inTool({ require: [{ conditions: [{ any: [{ path: 'args.a', op: 'eq', value: 1 }, { not: { all: [{ path: { pointer: '/b' }, op: 'exists', value: true }, { cel: 'true' }] } }] }], on_deny: 'No.' }] })],
    ['an element about what is missing', ...inTool({ deny_if: [{ conditions: [], on_missing: 'deny' }] })],
    ['a limit', ...inTool({ limits: [limit] })],
    ['a limit and its defaults', ...inTool({ limits: [{ counter: 'd', window: 60, max: 1 }] }, { limits: [{ counter: 'd', window: 60, max: 1, scope: 'grant', algorithm: 'fixed', count: 'call', class: 'hard', on_exceed: 'deny' }] })],
    ['short forms', ...inTool({ action: 'deny', reason: 'Why.', rate_limit: { max: 3, window: 60 } })],
    ['an approval', ...inTool({ approval: { if: [{ path: 'args.a', op: 'gt', value: 5 }], approvers: ['role:x'], quorum: 2, expires_in: '1h', hold: '30s', message: 'Ask.' } }, { approval: { if: [{ path: 'args.a', op: 'gt', value: 5 }], approvers: ['role:x'], quorum: 2, expires_in: '3600s', hold: '30s', message: 'Ask.' } })],
    ['an approval and its defaults', ...inTool({ approval: {} }, { approval: { if: [], approvers: [], quorum: 1, expires_in: '600s', hold: '20s' } })],
    ['rules about answers', ...inTool({ response: { redact: [{ detector: 'email', action: 'mask' }, { path: 'content', action: 'hash' }, { path: { pointer: '/_meta' }, action: 'remove' }], max_bytes: 9, deny_if: [{ conditions: [{ path: 'isError', op: 'eq', value: true }] }] } })],
    ['flows', { flows: [{ ...flow, within: 'session', unless: 'approval' }, { ...flow, within: '2h' }] }, { ...whole, flows: [{ ...flow, within: 'session', unless: 'approval' }, { ...flow, within: '7200s' }] }],
  ])('says %s', (_what, written, printed) => {
    const text = printPolicy(aPolicyDocument({ ...head, ...written }));
    expect(text).toBe(canonicalJson(printed as JsonValue));
    expect(printPolicy(aPolicyDocument(text))).toBe(text);
  });
});
