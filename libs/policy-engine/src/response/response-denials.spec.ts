import { describe, expect, it } from 'vitest';

import { decide } from '../decide.js';
import { aPolicy } from '../testing/a-policy.js';
import { aResponseFilter } from '../testing/a-response-filter.js';
import { aToolCall } from '../testing/a-tool-call.js';
import { encodeBase64 } from './base64.js';
import { HeldMessage } from './held-message.js';
import { JsonText, NotJson } from './json-text.js';
import { stricter } from './redaction-plan.js';
import { filterMessage, responseFilter, type ResponseFilter } from './response-filter.js';
import { readBlob } from './text-blob.js';

const call = aToolCall({ tool: 't' });
const hash = (value: string) => value;
const bytes = (text: string) => new TextEncoder().encode(text);
const emails = [{ detector: 'email', action: 'mask' }];

/** What becomes of a message: its kind, or code, rule and sentence of its refusal. */
function outcome(filter: ResponseFilter, message: string | Uint8Array): readonly string[] {
  const found = filterMessage(filter, typeof message === 'string' ? bytes(message) : message, { call, hash });
  return found.kind === 'denied' ? [found.denial.reasonCode, found.denial.ruleId, found.denial.message] : [found.kind];
}

const tooLarge = ({ maxBytes, handling, tooLarge: refusal }: ResponseFilter) => [maxBytes, handling, refusal.reasonCode, refusal.ruleId, refusal.message];

describe('an answer that is too large', () => {
  const looked = 'The answer is larger than the 4194304 bytes that rule /tools/t/response can look at.';
  it.each([
    [{ max_bytes: 5 }, {}, [5, 'held', 'rule_denied', '/tools/t/response/max_bytes', 'The answer is larger than the 5 bytes the policy allows.']],
    [{ max_bytes: 9 }, { max_bytes: 5 }, [5, 'held', 'rule_denied', '/all_tools/response/max_bytes', 'The answer is larger than the 5 bytes the policy allows.']],
    [{ max_bytes: 5 }, { max_bytes: 9 }, [5, 'held', 'rule_denied', '/tools/t/response/max_bytes', 'The answer is larger than the 5 bytes the policy allows.']],
    [{ max_bytes: 5 }, { max_bytes: 5 }, [5, 'held', 'rule_denied', '/tools/t/response/max_bytes', 'The answer is larger than the 5 bytes the policy allows.']],
    [{ redact: emails }, { max_bytes: 5 }, [5, 'held', 'rule_denied', '/all_tools/response/max_bytes', 'The answer is larger than the 5 bytes the policy allows.']],
    [{ max_bytes: 4_194_304 }, {}, [4_194_304, 'held', 'rule_denied', '/tools/t/response/max_bytes', 'The answer is larger than the 4194304 bytes the policy allows.']],
    [{ max_bytes: 4_194_305 }, {}, [4_194_305, 'counted', 'rule_denied', '/tools/t/response/max_bytes', 'The answer is larger than the 4194305 bytes the policy allows.']],
    [{ redact: emails, max_bytes: 4_194_304 }, {}, [4_194_304, 'held', 'rule_denied', '/tools/t/response/max_bytes', 'The answer is larger than the 4194304 bytes the policy allows.']],
    [{ redact: emails, max_bytes: 4_194_305 }, {}, [4_194_304, 'held', 'evaluation_error', '/tools/t/response', looked]],
    [{ redact: [{ path: 'content', action: 'remove' }] }, {}, [4_194_304, 'held', 'evaluation_error', '/tools/t/response', looked]],
    [{ deny_if: [{ conditions: [{ path: 'isError', op: 'eq', value: true }] }] }, {}, [4_194_304, 'held', 'evaluation_error', '/tools/t/response', looked]],
  ])('under %j and %j is refused beyond its bound', (response, allTools, wanted) => {
    expect(tooLarge(aResponseFilter(response, { response: allTools }))).toEqual(wanted);
  });

  it('is one byte above the bound, held or whole', () => {
    const filter = aResponseFilter({ max_bytes: 13 });
    const refusal = ['rule_denied', '/tools/t/response/max_bytes', 'The answer is larger than the 13 bytes the policy allows.'];
    expect(outcome(filter, '{"result":12}')).toEqual(['unchanged']);
    expect(outcome(filter, '{"result":123}')).toEqual(refusal);
    const held = new HeldMessage(filter);
    expect([held.take(bytes('{"result"')), held.take(bytes(':12}'))]).toEqual([true, true]);
    expect(held.end({ call, hash })).toEqual({ outcome: { kind: 'unchanged' }, bytes: bytes('{"result":12}') });
    expect([held.take(bytes(' ')), held.take(bytes(''))]).toEqual([false, false]);
    expect(held.end({ call, hash })).toEqual({ outcome: { kind: 'denied', denial: filter.tooLarge }, bytes: new Uint8Array(0) });
  });
});

describe('an answer that cannot be read', () => {
  const sentence = 'The answer cannot be read, so the rules about it cannot be kept.';

  it.each(['', 'x', '[]', '5', '"{}"', '{"result":1', '{"result":1} 2', '{"result" 1}', '{result:1}', '{"result":01}', '{"result":tru}', "{'result':1}", '{"result":"a}', '{"result":"a\\"}', '{"result":"\\x"}', '{"result":[1 2]}', '{"result":[1,]}', '{"result":{"a":1,}}', '{"result":{"a"}}', '{"result":\u00a01}', Uint8Array.of(0xff)])('is refused: %j', (message) => {
    expect(outcome(aResponseFilter({ redact: emails }), message)).toEqual(['evaluation_error', '/tools/t/response', sentence]);
    expect(outcome(aResponseFilter({ deny_if: [{ conditions: [{ path: 'isError', op: 'exists', value: true }] }] }), message)).toEqual(['evaluation_error', '/tools/t/response', sentence]);
  });

  it('is refused by the rule about answers, not by its part about sizes, whatever the tool is called', () => {
    const policy = aPolicy({ tools: { max_bytes: { response: { max_bytes: 5 } } } });
    const verdict = decide(policy, aToolCall({ tool: 'max_bytes' }));
    const filter = verdict.effect === 'allow' ? responseFilter(policy, verdict.responses) : undefined;
    expect(filter === undefined ? undefined : outcome(filter, 'x')).toEqual(['evaluation_error', '/tools/max_bytes/response', sentence]);
  });

  it('is no answer with white space between its parts', () => {
    expect(outcome(aResponseFilter({ redact: emails }), ' {\n\t"result" :\r [ 1 , -2.5e+3,true,false , null,"\\\\" ] } \n')).toEqual(['unchanged']);
  });
});

describe('deny_if about a result', () => {
  const level = (op: string, value: unknown, rest: object = {}) => ({ conditions: [{ path: 'structuredContent.level', op, value }], ...rest });

  it('withholds by a sentence of its own, or by the rule\'s', () => {
    const id = '/tools/t/response/deny_if/structuredContent.level-gt';
    expect(outcome(aResponseFilter({ deny_if: [level('gt', 3)] }), '{"result":{"structuredContent":{"level":4}}}')).toEqual(['rule_denied', id, `The policy withholds this answer by rule ${id}.`]);
    expect(outcome(aResponseFilter({ deny_if: [level('gt', 3, { on_deny: 'Too high.' })] }), '{"result":{"structuredContent":{"level":4}}}')).toEqual(['rule_denied', id, 'Too high.']);
  });

  it.each(['{"result":{"structuredContent":{"level":3}}}', '{"result":{}}', '{"result":null}', '{"result":[4]}', '{"error":{"structuredContent":{"level":4}}}', '{"method":"m"}'])('lets %s pass', (message) => {
    expect(outcome(aResponseFilter({ deny_if: [level('gt', 3)] }), message)).toEqual(['unchanged']);
  });

  it('withholds a result without the value where it says so, and nothing that is no result', () => {
    const filter = aResponseFilter({ deny_if: [level('gt', 3, { on_missing: 'deny' })] });
    expect(outcome(filter, '{"result":{}}')[0]).toBe('rule_denied');
    expect(outcome(filter, '{"error":{}}')).toEqual(['unchanged']);
    expect(outcome(filter, '{"result":5}')).toEqual(['unchanged']);
  });

  it('withholds what it cannot tell, by the first element that holds or fails', () => {
    const failing = { conditions: [{ cel: 'result.structuredContent.level.x == 1' }] };
    const failure = ['evaluation_error', '/tools/t/response/deny_if/0', 'Rule /tools/t/response/deny_if/0 could not be evaluated for this answer.'];
    expect(outcome(aResponseFilter({ deny_if: [failing] }), '{"result":{"structuredContent":{"level":4}}}')).toEqual(failure);
    expect(outcome(aResponseFilter({ deny_if: [failing, level('gt', 3)] }), '{"result":{"structuredContent":{"level":4}}}')).toEqual(failure);
    expect(outcome(aResponseFilter({ deny_if: [level('gt', 3), failing] }), '{"result":{"structuredContent":{"level":4}}}')[0]).toBe('rule_denied');
  });
});

describe('of two redactions of one value', () => {
  it.each([
    ['mask', 'mask', 'first'], ['mask', 'hash', 'first'], ['hash', 'mask', 'first'], ['remove', 'mask', 'first'], ['remove', 'remove', 'first'], ['mask', 'remove', 'second'], ['hash', 'remove', 'second'],
  ] as const)('%s and %s, the %s settles', (one, other, which) => {
    const [first, second] = [{ action: one }, { action: other }];
    expect(stricter(first, second)).toBe(which === 'first' ? first : second);
    expect(stricter(undefined, second)).toBe(second);
  });
});

describe('a base64 member', () => {
  const latin = Uint8Array.of(0x63, 0xe9);
  it.each<[string, Uint8Array, string, string | undefined]>([
    ['text/plain', bytes('é'), 'text', 'é'],
    ['text/plain', bytes('a\0'), 'text', 'a\0'],
    ['text/plain', latin, 'text', 'c\u00e9'],
    ['message/rfc822', bytes('a'), 'text', 'a'],
    ['application/json', bytes('a'), 'text', 'a'],
    ['application/vnd.x+json; charset=utf-8', bytes('a'), 'text', 'a'],
    ['image/svg+xml', bytes('a'), 'text', 'a'],
    ['TEXT/HTML', bytes('a'), 'text', 'a'],
    ['', bytes('é'), 'text', 'é'],
    ['', bytes('a\0'), 'data', undefined],
    ['', latin, 'data', undefined],
    ['application/octet-stream', bytes('a'), 'text', 'a'],
    ['application/octet-stream', latin, 'data', undefined],
    ['binary/octet-stream', bytes('a'), 'text', 'a'],
    ['image/png', bytes('a'), 'data', undefined],
    ['application/jsonx', bytes('a'), 'data', undefined],
    ['x-text/plain', bytes('a'), 'data', undefined],
  ])('of type "%s" holding %j is %s', (type, held, kind, text) => {
    const reading = readBlob(encodeBase64(held), type);
    expect(reading.kind).toBe(kind);
    if (reading.kind === 'text') expect([reading.blob.text, reading.blob.write(reading.blob.text)]).toEqual([text, encodeBase64(held)]);
    else expect(reading).toEqual({ kind });
  });

  it('that is none is a text of its own', () => {
    expect(readBlob('a!b', 'text/plain')).toEqual({ kind: 'plain' });
    expect(readBlob('a!b', 'image/png')).toEqual({ kind: 'plain' });
  });
});

describe('a reader of JSON', () => {
  it.each<[string, string, string]>([
    ['"a"x', 'a', 'x'], ['"\\""x', '"', 'x'], ['"\\\\"x', '\\', 'x'], ['"\\\\\\""x', '\\"', 'x'], ['""x', '', 'x'], ['"\\u00e9\\n"', 'é\n', ''], [' \n\r\t"a"', 'a', ''],
  ])('reads the text in %j', (text, said, next) => {
    const json = new JsonText(text);
    expect(json.decode(json.string())).toBe(said);
    expect(json.peek()).toBe(next);
  });

  it.each(['', 'a"', '"', '"a', '"\\"', '"a\\\\\\"', "'a'"])('finds no text in %j', (text) => {
    expect(() => new JsonText(text).string()).toThrow(NotJson);
  });

  it.each([['0', 1], ['-1.5e+3,', 7], ['01', 1], ['1.', 1], ['true', 4], ['null ', 4], ['12]', 2]])('reads the scalar in %j', (text, end) => {
    expect(new JsonText(text).scalar()).toEqual({ start: 0, end });
  });

  it.each(['', 'x', '-', '.5', '+1', 'True', ']', '"a"'])('finds no scalar in %j', (text) => {
    expect(() => new JsonText(text).scalar()).toThrow(NotJson);
  });
});
