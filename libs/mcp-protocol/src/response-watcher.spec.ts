import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { RpcId } from './frame.js';
import { ResponseWatcher, readResponse, readUpstreamMessage } from './response-watcher.js';

const one = '1' as RpcId;
const read = (text: string, id: string = '1') => readResponse(id as RpcId, Buffer.from(text));
const outcome = (text: string, id?: string) => {
  const result = read(text, id);
  return result.ok ? result.value.kind : result.refusal;
};

describe('ResponseWatcher', () => {
  it('learns what a result says without holding it', () => {
    const text = '{"result":{"content":[{"type":"text","text":"isError\\":true}"}],"resultType":"input_required","isError":true},"id":1,"jsonrpc":"2.0"}\n';
    expect(read(text)).toMatchObject({ ok: true, value: { kind: 'result', isError: true, resultType: 'input_required', errorCode: null, bytes: text.length } });
  });

  it('learns the code of an error', () => {
    expect(read('{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"m","data":{"code":7}}}')).toMatchObject({
      value: { kind: 'error', errorCode: -32602 },
    });
  });

  it('reads only the members of the result itself', () => {
    const deep = '{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"isError":true,"resultType":"x"},"_meta":{"isError":true}},"extra":{"id":9}}';
    expect(read(deep)).toMatchObject({ value: { isError: false, resultType: null } });
  });

  it.each([
    ['the same token', '1', '1'],
    ['a number written otherwise', '1', '1.0'],
    ['an escaped string', '"a/b"', '"a\\/b"'],
    ['a non-ASCII string', '"caf\u00e9"', '"caf\\u00e9"'],
    ['an integer beyond a double', '9007199254740993', '9007199254740993'],
  ])('takes %s for the id', (_, expected, received) => {
    expect(outcome(`{"jsonrpc":"2.0","id":${received},"result":{}}`, expected)).toBe('result');
  });

  it.each([
    ['another id', '{"jsonrpc":"2.0","id":2,"result":{}}', 'id_mismatch'],
    ['the id as a string', '{"jsonrpc":"2.0","id":"1","result":{}}', 'id_mismatch'],
    ['a null id', '{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":""}}', 'id_mismatch'],
    ['an object as id', '{"jsonrpc":"2.0","id":{"a":1},"result":{}}', 'id_mismatch'],
    ['no id', '{"jsonrpc":"2.0","result":{}}', 'id_missing'],
    ['two ids', '{"jsonrpc":"2.0","id":1,"id":1,"result":{}}', 'duplicate_key'],
    ['two results', '{"jsonrpc":"2.0","id":1,"result":{},"result":{}}', 'duplicate_key'],
    ['two results, one key escaped', '{"jsonrpc":"2.0","id":1,"result":{},"r\\u0065sult":{}}', 'duplicate_key'],
    ['two isError', '{"jsonrpc":"2.0","id":1,"result":{"isError":true,"isError":false}}', 'duplicate_key'],
    ['result and error', '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}', 'not_json_rpc'],
    ['neither result nor error', '{"jsonrpc":"2.0","id":1}', 'not_json_rpc'],
    ['no version', '{"id":1,"result":{}}', 'not_json_rpc'],
    ['another version', '{"jsonrpc":"1.0","id":1,"result":{}}', 'not_json_rpc'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"result":{}}]', 'batch'],
    ['two messages', '{"jsonrpc":"2.0","id":1,"result":{}}{"jsonrpc":"2.0","id":1,"result":{}}', 'second_message'],
    ['a request', '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage"}', 'not_a_response'],
    ['a page of HTML', '<html>', 'not_json'],
    ['a cut message', '{"jsonrpc":"2.0","id":1,"result":{"content":[', 'incomplete'],
    ['nothing', '', 'incomplete'],
    ['a missing colon', '{"jsonrpc" "2.0"}', 'not_json'],
    ['a missing value', '{"jsonrpc":,"id":1}', 'not_json'],
    ['a missing comma', '{"jsonrpc":"2.0" "id":1}', 'not_json'],
  ])('refuses %s', (_, text, fault) => {
    expect(outcome(text)).toBe(fault);
  });

  it('says so as soon as it is certain, and stays with it', () => {
    const watcher = new ResponseWatcher(one);
    expect(watcher.feed(Buffer.from('{"jsonrpc":"2.0","id":2,'))).toEqual({ bad: 'id_mismatch' });
    expect(watcher.feed(Buffer.from('"result":{}}'))).toEqual({ bad: 'id_mismatch' });
    expect(watcher.end()).toEqual({ ok: false, refusal: 'id_mismatch' });
  });

  it('does not hold a long id or key', () => {
    expect(outcome(`{"jsonrpc":"2.0","id":"${'x'.repeat(100_000)}","result":{}}`)).toBe('id_mismatch');
    expect(outcome(`{"jsonrpc":"2.0","${'x'.repeat(100_000)}":1,"id":1,"result":{}}`)).toBe('result');
  });

  it('survives nesting that no recursion would', () => {
    expect(outcome(`{"jsonrpc":"2.0","id":1,"result":{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}}`)).toBe('result');
  });

  const messages = [
    '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"a\\"}\\\\"}],"isError":true}}',
    ' {"id" : 1.0, "jsonrpc":"2.0","error":{"message":"caf\u00e9 \u{1f600}","code": -32000 } } \n',
    '{"jsonrpc":"2.0","id":2,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"result":{}} x',
    '{"jsonrpc":"2.0","id":1,"resul\\u0074":{"resultType":"t\\u0061sk"},"more":[1,{"a":"]"}]}',
    '{"jsonrpc":"2.0","id":1,"result":',
  ];

  it('comes to the same end wherever the input is cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.array(fc.nat(120), { maxLength: 8 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const watcher = new ResponseWatcher(one);
        let start = 0;
        for (const end of [...cuts.map((at) => Math.min(at, bytes.length)), bytes.length].sort((left, right) => left - right)) {
          watcher.feed(bytes.subarray(start, end));
          start = end;
        }
        const [pieces, whole] = [watcher.end(), read(text)];
        expect(pieces).toEqual(whole);
      }),
      { numRuns: 1_000 },
    );
  });

  it('agrees with JSON.parse on any generated result', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 3 })), fc.boolean(), (extra, isError) => {
        const { isError: _, resultType: __, ...members } = extra;
        const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { ...members, isError } });
        expect(read(text)).toMatchObject({ ok: true, value: { isError, resultType: null } });
      }),
    );
  });
});

describe('readUpstreamMessage', () => {
  const message = (text: string) => readUpstreamMessage(Buffer.from(text));

  it('tells the kinds apart and gives the spans a shared upstream needs rewritten', () => {
    expect(message('{"jsonrpc":"2.0","id":"e-1","method":"elicitation/create","params":{}}')).toMatchObject({
      value: { kind: 'request', id: '"e-1"', method: 'elicitation/create' },
    });
    const progress = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":"caf\u00e9"}}';
    const read = message(progress);
    expect(read).toMatchObject({ value: { kind: 'notification', id: null, progressToken: '"caf\u00e9"' } });
    const span = read.ok ? read.value.progressTokenSpan : null;
    expect(Buffer.from(progress).toString('utf8', span?.start, span?.end)).toBe('"caf\u00e9"');
    const response = '{"jsonrpc":"2.0", "id" : 12 ,"result":{}}';
    const answered = message(response);
    const idSpan = answered.ok ? answered.value.idSpan : null;
    expect(response.slice(idSpan?.start, idSpan?.end)).toBe('12');
  });

  it('takes an error without an id, as servers send it when they could not read a request', () => {
    expect(message('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":""}}')).toMatchObject({ value: { kind: 'error', id: null } });
  });

  it.each(['{"jsonrpc":"2.0","id":null,"method":"ping"}', '{"jsonrpc":"2.0","id":[],"method":"ping"}', '{"jsonrpc":"2.0","method":"x","result":{}}'])(
    'refuses %s',
    (text) => {
      expect(message(text)).toEqual({ ok: false, refusal: 'not_json_rpc' });
    },
  );
});
