import { describe, expect, it } from 'vitest';

import { answerRuleOf, isListed, marksAskedFor, recordLevelOf } from './is-listed.js';
import { aPolicy } from './testing/a-policy.js';

const labels = (category: 'Read' | 'Execute') => ({ category, risk: null, annotations: {} });

describe('the marks a decision asks for', () => {
  const flow = (marks: string) => ({ after: { category: ['Read'], marks }, deny: { category: ['Execute'] } });

  it('are those of the flows that may deny the tool, each once', () => {
    const policy = aPolicy({ default: 'allow', flows: [flow('untrusted'), flow('untrusted'), flow('seen')] });
    expect(marksAskedFor(policy, 't', labels('Execute'))).toEqual(['untrusted', 'seen']);
  });

  it('are those of the flows that the tool renews', () => {
    expect(marksAskedFor(aPolicy({ default: 'allow', flows: [{ ...flow('untrusted'), within: 'session' }] }), 't', labels('Read'))).toEqual(['untrusted']);
    expect(marksAskedFor(aPolicy({ default: 'allow', flows: [{ ...flow('untrusted'), within: '5m' }] }), 't', labels('Read'))).toEqual([]);
  });

  it('are none where no flow is about the tool, it is not listed, nothing is known of it or there are no flows', () => {
    const policy = aPolicy({ default: 'deny', hide: ['h'], tools: { t: {}, h: {} }, flows: [flow('untrusted')] });
    expect(marksAskedFor(policy, 't', { category: 'Write', risk: null, annotations: {} })).toEqual([]);
    expect(marksAskedFor(policy, 't')).toEqual([]);
    expect(marksAskedFor(policy, 'u', labels('Execute'))).toEqual([]);
    expect(marksAskedFor(policy, 'h', labels('Execute'))).toEqual([]);
    expect(marksAskedFor(aPolicy({ tools: { t: {} } }), 't', labels('Execute'))).toEqual([]);
  });
});

describe('a listed tool', () => {
  it('is one that some call could be allowed to, and keeps of arguments what its rule says', () => {
    const policy = aPolicy({ default: 'deny', hide: ['h*'], tools: { t: { record: 'full' }, d: { action: 'deny' }, hid: { record: 'full' } } });
    expect(['t', 'd', 'hid', 'u'].map((tool) => [isListed(policy, tool), recordLevelOf(policy, tool)])).toEqual([[true, 'full'], [true, 'digest'], [false, 'digest'], [false, 'digest']]);
  });
});

describe('the first rule about answers', () => {
  const response = { max_bytes: 10 };

  it.each([
    ['of a tool', { tools: { t: { response } } }, '/tools/t/response'],
    ['of a selection', { select: [{ match: { name: ['a*'] }, response }] }, '/select/0/response'],
    ['of all tools', { all_tools: { response } }, '/all_tools/response'],
    ['nowhere', { tools: { t: {} } }, undefined],
  ])('is found: %s', (_where, sections, ruleId) => {
    expect(answerRuleOf(aPolicy({ default: 'allow', ...sections }))).toBe(ruleId);
  });
});
