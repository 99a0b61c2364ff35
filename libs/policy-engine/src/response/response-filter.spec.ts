import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decide } from '../decide.js';
import { aPolicy } from '../testing/a-policy.js';
import { aResponseFilter } from '../testing/a-response-filter.js';
import { aToolCall } from '../testing/a-tool-call.js';
import { encodeBase64 } from './base64.js';
import { HeldMessage } from './held-message.js';
import { filterMessage, responseFilter, type FilteredMessage } from './response-filter.js';

const call = aToolCall({ tool: 't' });
const bytes = (text: string) => new TextEncoder().encode(text);
const hash = (value: string) => `h${value.length}`;

const filtered = (response: object, message: string): FilteredMessage => filterMessage(aResponseFilter(response), bytes(message), { call, hash });
const all = ['secret', 'email', 'credit_card', 'iban', 'jwt', 'private_key'].map((detector) => ({ detector, action: 'mask' }));
const result = (value: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, result: value });

function rewritten(response: object, message: string): unknown {
  const outcome = filtered(response, message);
  if (outcome.kind !== 'rewritten') throw new Error(`not rewritten but ${outcome.kind}`);
  return JSON.parse(outcome.message);
}

describe('a response filter', () => {
  it('is there only where a rule asks something', () => {
    const policy = aPolicy({ tools: { t: {}, u: { response: { max_bytes: 10 } } } });
    const verdicts = ['t', 'u'].map((tool) => decide(policy, aToolCall({ tool })));
    const filters = verdicts.map((verdict) => (verdict.effect === 'allow' ? responseFilter(policy, verdict.responses) : undefined));
    expect(filters[0]).toBeUndefined();
    expect(filters[1]).toMatchObject({ handling: 'held', maxBytes: 10 });
    const again = decide(policy, aToolCall({ tool: 'u' }));
    expect(again.effect === 'allow' && responseFilter(policy, again.responses)).toBe(filters[1]);
  });

  it.each([
    [{ max_bytes: 67_108_864 }, 'counted', 67_108_864],
    [{ max_bytes: 1_000 }, 'held', 1_000],
    [{ redact: all }, 'held', 4_194_304],
    [{ redact: all, max_bytes: 67_108_864 }, 'held', 4_194_304],
    [{ deny_if: [{ conditions: [{ path: 'isError', op: 'eq', value: true }] }] }, 'held', 4_194_304],
  ])('says for %j how the answer is to be read', (response, handling, maxBytes) => {
    expect(aResponseFilter(response)).toMatchObject({ handling, maxBytes });
  });

  it('refuses by the rule that is exceeded: the policy\'s own size, else what can be looked at', () => {
    expect(aResponseFilter({ redact: all, max_bytes: 5 }).tooLarge).toMatchObject({ reasonCode: 'rule_denied', ruleId: '/tools/t/response/max_bytes' });
    expect(aResponseFilter({ redact: all, max_bytes: 67_108_864 }).tooLarge).toMatchObject({ reasonCode: 'evaluation_error', ruleId: '/tools/t/response' });
    expect(aResponseFilter({ max_bytes: 9 }, { response: { max_bytes: 5 } }).tooLarge).toMatchObject({ ruleId: '/all_tools/response/max_bytes' });
  });

  it('lets a further rule only take away more', () => {
    const filter = aResponseFilter({ redact: [{ detector: 'email', action: 'mask' }] }, { response: { redact: [{ detector: 'email', action: 'remove' }, { detector: 'iban', action: 'mask' }] } });
    expect(filter.redactions.detectors).toEqual([
      { kind: 'detector', detector: 'email', action: 'remove', ruleId: '/all_tools/response/redact/0' },
      { kind: 'detector', detector: 'iban', action: 'mask', ruleId: '/all_tools/response/redact/1' },
    ]);
  });
});

describe('a filtered message', () => {
  it('keeps every byte that no rule is about', () => {
    const message = '{"result": {"n": 12345678901234567890.10, "x":\t1e400, "content":[{"type":"text","text":"to a@b.org"}], "n":2}, "id":"\\u0041"}';
    const outcome = filtered({ redact: [{ detector: 'email', action: 'remove' }] }, message);
    expect(outcome.kind === 'rewritten' && outcome.message).toBe(message.replace('a@b.org', ''));
  });

  it('is unchanged, byte for byte, where nothing is found', () => {
    expect(filtered({ redact: all }, result({ content: [{ type: 'text', text: 'nothing here' }] }))).toEqual({ kind: 'unchanged' });
  });

  it.each(['not json', '{"result":', '{"result":{}} x', '[]', `{"result":${'['.repeat(70)}${']'.repeat(70)}}`, '{"result":"\\x"}', '\ufeff{}'])('is denied where it cannot be read: %s', (message) => {
    expect(filtered({ redact: all }, message)).toMatchObject({ kind: 'denied', denial: { reasonCode: 'evaluation_error' } });
  });

  it('is denied where it is not UTF-8', () => {
    expect(filterMessage(aResponseFilter({ redact: all }), Uint8Array.of(0x22, 0xff, 0x22), { call, hash })).toMatchObject({ kind: 'denied', denial: { reasonCode: 'evaluation_error' } });
  });

  it('is the same after a second pass', () => {
    const words = fc.constantFrom('ada@example.org', '4111 1111 1111 1111', 'DE89370400440532013000', `ghp_${'a1B2'.repeat(9)}`, 'password=hunter2!x9', 'and', '"', '\\n', '{"a":', 'é', 'api_key: a8F3kd92LsQ0vmX1');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 8 }), fc.constantFrom('mask', 'hash'), (parts, action) => {
        const filter = aResponseFilter({ redact: all.map((each) => ({ ...each, action })) });
        const once = filterMessage(filter, bytes(result({ content: [{ type: 'text', text: parts.join(' ') }] })), { call, hash: () => '0a1b2c3d4e5f60718293' });
        if (once.kind !== 'rewritten') return;
        const twice = filterMessage(filter, bytes(once.message), { call, hash: () => '0a1b2c3d4e5f60718293' });
        expect(twice).toEqual({ kind: 'unchanged' });
      }),
    );
  });

  it('holds no find, whatever JSON it stands in', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, noUnicodeString: false }), fc.constantFrom('ada.l@example.org', '4111111111111111'), (json, needle) => {
        const value: unknown = JSON.parse(json, (_, inner: unknown) => (typeof inner === 'string' ? `${inner} ${needle} ` : inner));
        const outcome = filtered({ redact: all }, result({ structuredContent: value, content: [{ type: 'text', text: JSON.stringify(value) }] }));
        if (outcome.kind === 'unchanged') expect(JSON.stringify(value)).not.toContain(needle);
        else expect(outcome.kind === 'rewritten' && outcome.message).not.toContain(needle);
        if (outcome.kind === 'rewritten') expect(() => JSON.parse(outcome.message) as unknown).not.toThrow();
      }),
    );
  });

  it('tells what was removed by pointers, never by values, at most 100 of them', () => {
    const outcome = filtered({ redact: all }, result({ structuredContent: Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`u${at}@example.org`, 'ada@example.org'])) }));
    expect(outcome).toMatchObject({ kind: 'rewritten', removedCount: 3 });
    const many = filtered({ redact: all }, result({ structuredContent: Array.from({ length: 150 }, () => 'ada@example.org') }));
    expect(many).toMatchObject({ kind: 'rewritten', removedCount: 150 });
    expect(many.kind === 'rewritten' && many.removed.length).toBe(100);
    expect(JSON.stringify([outcome.kind === 'rewritten' && outcome.removed, many.kind === 'rewritten' && many.removed])).not.toContain('example');
  });

  it('reads text in base64 as the text it is, in whatever charset', () => {
    const blob = (text: string, mimeType?: string) => ({ content: [{ type: 'resource', resource: { uri: 'x:y', blob: text, ...(mimeType === undefined ? {} : { mimeType }) } }] });
    const latin = encodeBase64(Uint8Array.from('caf\u00e9 a@b.org', (character) => character.charCodeAt(0)));
    expect(rewritten({ redact: all }, result(blob(encodeBase64(bytes('é a@b.org')), 'text/plain')))).toMatchObject({ result: blob(encodeBase64(bytes('é *@*.***'))) });
    expect(rewritten({ redact: all }, result(blob(latin, 'text/plain; charset=latin1')))).toMatchObject({ result: blob(encodeBase64(Uint8Array.from('caf\u00e9 *@*.***', (character) => character.charCodeAt(0)))) });
    expect(rewritten({ redact: all }, result(blob(encodeBase64(bytes('a@b.org')))))).toMatchObject({ result: blob(encodeBase64(bytes('*@*.***'))) });
    expect(filtered({ redact: all }, result(blob(encodeBase64(bytes('a@b.org')), 'image/png'))).kind).toBe('unchanged');
    expect(rewritten({ redact: all }, result(blob('not base64: a@b.org', 'image/png')))).toMatchObject({ result: blob('not base64: *@*.***') });
  });

  it('takes time in proportion to what it holds', () => {
    const filter = aResponseFilter({ redact: all });
    for (const unit of ['{"a":[1,2]},', '"a@b.org",', '[[]],', '"\\u0041\\n",', '"{\\"a\\":\\"b\\"}",']) {
      const message = (count: number) => bytes(result({ structuredContent: JSON.parse(`[${unit.repeat(count)}0]`) as unknown }));
      const [small, large] = [message(1_000), message(16_000)];
      filterMessage(filter, small, { call, hash });
      const fast = timeOf(() => filterMessage(filter, small, { call, hash }));
      expect(timeOf(() => filterMessage(filter, large, { call, hash }))).toBeLessThan(Math.max(fast * 16 * 6, 100));
    }
  });
});

describe('a message that comes in chunks', () => {
  const text = result({ content: [{ type: 'text', text: 'write to jürgen@straße.de or 4111 1111 1111 1111 ✓' }] });

  it('is filtered as if it came at once, wherever it is cut', () => {
    const filter = aResponseFilter({ redact: all });
    const whole = filterMessage(filter, bytes(text), { call, hash });
    fc.assert(
      fc.property(fc.array(fc.nat(bytes(text).length), { maxLength: 6 }), (cuts) => {
        const held = new HeldMessage(filter);
        let from = 0;
        for (const to of [...cuts.sort((left, right) => left - right), bytes(text).length]) {
          expect(held.take(bytes(text).slice(from, to))).toBe(true);
          from = to;
        }
        expect(held.end({ call, hash })).toEqual({ outcome: whole, bytes: bytes(text) });
      }),
    );
  });

  it('is held no further than its bound', () => {
    const held = new HeldMessage(aResponseFilter({ max_bytes: 10 }));
    expect(held.take(new Uint8Array(10))).toBe(true);
    expect(held.take(new Uint8Array(1))).toBe(false);
    expect(held.end({ call, hash })).toMatchObject({ outcome: { kind: 'denied', denial: { ruleId: '/tools/t/response/max_bytes' } } });
  });
});

function timeOf(work: () => unknown): number {
  const times = [0, 1, 2].map(() => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}
