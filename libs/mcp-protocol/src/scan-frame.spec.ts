import { ExactNumber } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { FRAME_LIMITS, type FrameLimits, type MalformedReason } from './frame.js';
import { scanFrame } from './scan-frame.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const call = (params: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
const MANY = `{${Array.from({ length: 40 }, (_, n) => `"k${n}":0`).join()}}`;
const withArgs = (args: string): string => call(`{"name":"echo","arguments":${args}}`);

function frameOf(text: string) {
  const scanned = scanFrame(bytes(text));
  if (!scanned.ok) throw new Error(scanned.refusal.message);
  return scanned.value;
}

function reasonFor(body: string | Uint8Array, limits?: Partial<FrameLimits>): MalformedReason | 'accepted' {
  const scanned = scanFrame(typeof body === 'string' ? bytes(body) : body, { ...FRAME_LIMITS, ...limits });
  return scanned.ok ? 'accepted' : scanned.refusal.reason;
}

describe('a tools/call as every parser reads it', () => {
  it('gives name, arguments and ids without touching the bytes', () => {
    const text = withArgs('{"amount":12.5,"note":"caf\u00e9 \\u00e9 \\ud83d\\ude00","list":[1,"a",null,true],"deep":{"a":{}}}');
    const frame = frameOf(text);
    expect(frame).toMatchObject({ kind: 'request', id: '1', method: 'tools/call', name: 'echo', invalidParams: null });
    expect({ ...frame.args }).toEqual({ amount: 12.5, note: 'caf\u00e9 \u00e9 \u{1f600}', list: [1, 'a', null, true], deep: { a: {} } });
    expect(frame.argumentKeys).toEqual(['amount', 'note', 'list', 'deep']);
    const { args, name } = frame.spans;
    expect(bytes(text).toString('utf8', name?.start, name?.end)).toBe('"echo"');
    expect(bytes(text).toString('utf8', args?.start, args?.end)).toContain('{"amount"');
    expect(frame.argsBytes).toBe((args?.end ?? 0) - (args?.start ?? 0));
  });

  it.each(['1', '"1"', '1.0', '9007199254740993', '"a\\u0062"', '-7'])('keeps the id %s as it was written', (id) => {
    expect(frameOf(`{"id":${id},"method":"ping","jsonrpc":"2.0"}`).id).toBe(id);
  });

  it('keeps argument names in the order received, numbers too', () => {
    expect(frameOf(withArgs('{"b":1,"2":1,"a":1,"1":1}')).argumentKeys).toEqual(['b', '2', 'a', '1']);
  });

  it('keeps numbers exact where a double would round', () => {
    const { args } = frameOf(withArgs('{"a":9007199254740993,"b":0.1000000000000000055,"c":0.1,"d":1e3,"e":-0,"f":100000000000000000000,"g":1e-400,"h":0e999}'));
    expect(args['a']).toEqual(new ExactNumber('9007199254740993'));
    expect(args['b']).toEqual(new ExactNumber('0.1000000000000000055'));
    expect([args['c'], args['d'], args['e'], args['f'], args['h']]).toEqual([0.1, 1000, -0, 1e20, 0]);
    expect(args['g']).toEqual(new ExactNumber('1e-400'));
  });

  it('has arguments that inherit nothing', () => {
    const { args } = frameOf(withArgs('{"toString":1,"inner":{}}'));
    for (const object of [args, args['inner']]) {
      expect(Object.getOwnPropertyNames(Object.getPrototypeOf(object))).toEqual([]);
      expect(Object.getPrototypeOf(Object.getPrototypeOf(object))).toBeNull();
    }
    expect(frameOf(call('{"name":"echo"}')).args['constructor']).toBeUndefined();
  });

  it('accepts unknown members and what the modern revision adds, untouched', () => {
    const frame = frameOf(
      call(
        '{"name":"echo","x-vendor":{"a":[]},"requestState":"opaque","inputResponses":{"q":{"action":"accept"}},"task":{"ttl":1},' +
          '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},' +
          '"io.modelcontextprotocol/clientInfo":{"version":"1","name":"cli"},"progressToken":"p-1","traceparent":"00"}}',
      ),
    );
    expect(frame).toMatchObject({ hasInputResponses: true, hasRequestState: true, hasTask: true, clientName: 'cli' });
    expect(frame.meta).toEqual({
      protocolVersion: '2026-07-28',
      claimsRevision: true,
      hasClientCapabilities: true,
      clientName: 'cli',
      progressToken: '"p-1"',
    });
  });
});

describe('other messages', () => {
  it('tells notifications and responses from requests', () => {
    expect(frameOf('{"jsonrpc":"2.0","method":"notifications/initialized"}')).toMatchObject({ kind: 'notification', id: null });
    expect(frameOf('{"jsonrpc":"2.0","id":"s-1","result":{}}')).toMatchObject({ kind: 'response', id: '"s-1"', method: '' });
    expect(frameOf('{"jsonrpc":"2.0","id":4,"error":{"code":-1,"message":"no"}}').kind).toBe('response');
  });

  it('reads what a gateway needs of initialize, lists, tasks and cancellation', () => {
    expect(
      frameOf('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"ide"}}}'),
    ).toMatchObject({ askedVersion: '2025-06-18', clientName: 'ide' });
    expect(frameOf('{"jsonrpc":"2.0","id":0,"method":"tools/list","params":{"cursor":""}}').cursor).toBe('');
    expect(frameOf('{"jsonrpc":"2.0","id":0,"method":"tasks/get","params":{"taskId":"t"}}').taskId).toBe('t');
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7"}}';
    const { cancelledId, spans } = frameOf(cancel);
    expect([cancelledId, cancel.slice(spans.cancelledId?.start, spans.cancelledId?.end)]).toEqual(['"7"', '"7"']);
  });

  it.each([
    ['{"name":7}', 'params.name must be a string'],
    ['{"name":"a","arguments":[]}', 'params.arguments must be an object'],
    ['{"name":"a","arguments":"{}"}', 'params.arguments must be an object'],
    ['{"name":"a","_meta":1}', 'params._meta must be an object'],
    ['{"uri":null}', 'params.uri must be a string'],
  ])('notes that %s has a parameter of the wrong type', (params, complaint) => {
    expect(frameOf(call(params)).invalidParams).toBe(complaint);
  });

  it('takes null arguments for none', () => {
    expect(frameOf(withArgs('null'))).toMatchObject({ invalidParams: null, argumentKeys: [] });
  });
});

describe('smuggling: one body, two readings [gateway/no-smuggling]', () => {
  it.each<[string, string, MalformedReason]>([
    ['a second name', call('{"name":"echo","name":"get-env"}'), 'duplicate_key'],
    ['a second name, other order', call('{"name":"get-env","name":"echo"}'), 'duplicate_key'],
    ['a second params', `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"params":{"name":"b"}}`, 'duplicate_key'],
    ['a second method', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', 'duplicate_key'],
    ['"Name" beside name', call('{"name":"a","Name":"b"}'), 'key_variant'],
    ['"Params" beside params', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"Params":{"name":"b"}}', 'key_variant'],
    ['"Method" beside method', '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}', 'key_variant'],
    ['"METHOD" before method', '{"jsonrpc":"2.0","id":1,"METHOD":"tools/call","method":"ping"}', 'key_variant'],
    ['"Params" alone', '{"jsonrpc":"2.0","id":1,"method":"tools/call","Params":{"name":"b"}}', 'key_variant'],
    ['"Arguments" alone', call('{"name":"a","Arguments":{}}'), 'key_variant'],
    ['long s in params, which Go folds', '{"jsonrpc":"2.0","id":1,"method":"tools/call","param\u017f":{"name":"b"}}', 'key_variant'],
    ['Kelvin sign in task', call('{"name":"a","tas\u212a":{}}'), 'key_variant'],
    ['variants of an unknown key', call('{"name":"a","vendor":1,"Vendor":2}'), 'key_variant'],
    ['variants in _meta', call('{"name":"a","_meta":{"io.modelcontextprotocol/ProtocolVersion":"2026-07-28"}}'), 'key_variant'],
    ['an escaped key at the top', '{"jsonrpc":"2.0","id":1,"m\\u0065thod":"tools/call"}', 'escaped_key'],
    ['an escaped key in params', call('{"n\\u0061me":"a"}'), 'escaped_key'],
    ['an escaped key in _meta', call('{"name":"a","_meta":{"\\u0061":1}}'), 'escaped_key'],
    ['the same argument twice', withArgs('{"a":1,"a":2}'), 'duplicate_key'],
    ['the same argument twice after unescaping', withArgs('{"a":1,"\\u0061":2}'), 'duplicate_key'],
    ['a duplicate deep in an argument', withArgs('{"a":[{"b":[{"c":1,"c":2}]}]}'), 'duplicate_key'],
    ['a duplicate in an unknown member', call('{"name":"a","vendor":{"x":1,"x":2}}'), 'duplicate_key'],
    ['a duplicate in client info', call('{"_meta":{"io.modelcontextprotocol/clientInfo":{"name":"a","name":"b"}}}'), 'duplicate_key'],
    ['a duplicate in a response', '{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}', 'duplicate_key'],
    ['a duplicate beyond the keys compared one by one', withArgs(`{${Array.from({ length: 40 }, (_, i) => `"k${i}":0`).join()},"k3":1}`), 'duplicate_key'],
    ['a variant beyond the keys compared one by one', call(`{${Array.from({ length: 40 }, (_, i) => `"k${i}":0`).join()},"K3":1}`), 'key_variant'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 'batch'],
    ['a second message', '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}', 'trailing_bytes'],
    ['a request that is also a response', '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', 'not_json_rpc'],
    ['__proto__ in arguments', withArgs('{"__proto__":{"admin":true}}'), 'forbidden_key'],
    ['__proto__ deep in arguments, escaped', withArgs('{"a":[{"__pro\\u0074o__":1}]}'), 'forbidden_key'],
    ['constructor.prototype in arguments', withArgs('{"constructor":{"x":1,"prototype":{"admin":true}}}'), 'forbidden_key'],
    ['__proto__ in params', call('{"__proto__":{"name":"b"}}'), 'forbidden_key'],
    ['a NUL in an argument name', withArgs('{"a\\u0000b":1}'), 'nul_character'],
    ['a NUL in the tool name', call('{"name":"echo\\u0000"}'), 'nul_character'],
  ])('refuses %s', (_, body, reason) => {
    expect(reasonFor(body)).toBe(reason);
  });

  it.each([
    ['case twins', '{"a":1,"A":2}'],
    ['escaped names', '{"\\u0061b":1}'],
    ['a prototype that no constructor holds', '{"prototype":1,"constructor":2}'],
    ['a prototype beside a constructor', '{"constructor":{},"x":{"prototype":1}}'],
    ['two objects of many keys, the same in both', `{"left":${MANY},"right":${MANY}}`],
    ['a NUL in a value', '{"a":"x\\u0000y"}'],
  ])('leaves arguments with %s alone', (_, args) => {
    expect(reasonFor(withArgs(args))).toBe('accepted');
  });
});

describe('bodies that are not clean text', () => {
  it.each<[string, Uint8Array, MalformedReason]>([
    ['a byte order mark', bytes('\ufeff{}'), 'byte_order_mark'],
    ['a lone high surrogate escape', bytes(withArgs('{"a":"\\ud800"}')), 'lone_surrogate'],
    ['a lone low surrogate escape', bytes(withArgs('{"a":"\\udc00x"}')), 'lone_surrogate'],
    ['a high surrogate before a plain escape', bytes(withArgs('{"a":"\\ud800\\u0041"}')), 'lone_surrogate'],
    ['an overlong slash', Buffer.concat([bytes('{"a":"'), Buffer.from([0xc0, 0xaf]), bytes('"}')]), 'invalid_utf8'],
    ['an encoded surrogate', Buffer.concat([bytes('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), bytes('"}')]), 'invalid_utf8'],
    ['a code point past the last', Buffer.concat([bytes('{"a":"'), Buffer.from([0xf4, 0x90, 0x80, 0x80]), bytes('"}')]), 'invalid_utf8'],
    ['a sequence cut short', Buffer.concat([bytes('{"a":"'), Buffer.from([0xe2, 0x82]), bytes('"}')]), 'invalid_utf8'],
    ['Latin-1', Buffer.from('{"a":"caf\u00e9"}', 'latin1'), 'invalid_utf8'],
    ['a raw NUL', bytes('{"a":"\0"}'), 'not_json'],
    ['a raw line feed in a string', bytes('{"a":"\n"}'), 'not_json'],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 'not_json'],
    ['nothing', bytes(''), 'not_json'],
    ['white space', bytes(' \r\n\t'), 'not_json'],
    ['a string', bytes('"hello"'), 'not_an_object'],
    ['a number', bytes('17'), 'not_an_object'],
    ['an open string', bytes('{"a":"b'), 'not_json'],
    ['an open object', bytes('{"a":1'), 'not_json'],
    ['a trailing comma', bytes('{"a":1,}'), 'not_json'],
    ['a comment', bytes('{/* */"a":1}'), 'not_json'],
    ['single quotes', bytes("{'a':1}"), 'not_json'],
    ['a leading zero', bytes('{"a":01}'), 'not_json'],
    ['a bare fraction', bytes('{"a":.5}'), 'not_json'],
    ['NaN', bytes('{"a":NaN}'), 'not_json'],
    ['a bad escape', bytes('{"a":"\\x41"}'), 'not_json'],
    ['a cut word', bytes('{"a":tru}'), 'not_json'],
    ['an overflowing number', bytes(withArgs('{"amount":1e400}')), 'number_overflow'],
    ['an overflowing number nobody reads', bytes('{"jsonrpc":"2.0","id":1,"method":"ping","x":-1e309}'), 'number_overflow'],
    ['NUL after the message', bytes('{"jsonrpc":"2.0","id":1,"method":"ping"}\0'), 'not_json'],
  ])('refuses %s', (_, body, reason) => {
    expect(reasonFor(body)).toBe(reason);
  });
});

describe('messages that are not JSON-RPC 2.0', () => {
  it.each([
    '{}',
    '{"id":1,"method":"ping"}',
    '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    '{"jsonrpc":2.0,"id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":null,"method":"ping"}',
    '{"jsonrpc":"2.0","id":{},"method":"ping"}',
    '{"jsonrpc":"2.0","id":true,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":""}',
    '{"jsonrpc":"2.0","id":1,"method":["tools/call"]}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","result":{}}',
    '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}',
  ])('refuses %s', (body) => {
    expect(reasonFor(body)).toBe('not_json_rpc');
  });
});

describe('sizes', () => {
  const nested = (levels: number): string => withArgs(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);

  it.each<[string, string, MalformedReason | 'accepted']>([
    ['32 levels', nested(29), 'accepted'],
    ['33 levels', nested(30), 'too_deep'],
    ['33 levels nobody reads', `{"jsonrpc":"2.0","id":1,"method":"ping","x":${'{"a":'.repeat(32)}1${'}'.repeat(32)}}`, 'too_deep'],
    ['a megabyte of brackets', '['.repeat(1_048_576), 'batch'],
    ['a megabyte of brackets in a member', `{"a":${'['.repeat(1_000_000)}`, 'too_deep'],
    ['200,000 keys', `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join()}}`, 'too_many_keys'],
    ['a string of 256 KiB', withArgs(`{"a":"${'x'.repeat(262_144)}"}`), 'accepted'],
    ['a string of one byte more', withArgs(`{"a":"${'x'.repeat(262_145)}"}`), 'string_too_long'],
    ['an array of 10,000', withArgs(`{"a":[${'0,'.repeat(9_999)}0]}`), 'accepted'],
    ['an array of 10,001', withArgs(`{"a":[${'0,'.repeat(10_000)}0]}`), 'array_too_long'],
    ['more than a mebibyte', ' '.repeat(1_048_577), 'body_too_large'],
  ])('%s', (_, body, reason) => {
    expect(reasonFor(body)).toBe(reason);
  });

  it('counts the keys of the whole message', () => {
    expect(reasonFor(withArgs('{"a":{"b":1}}'), { keys: 8 })).toBe('accepted');
    expect(reasonFor(withArgs('{"a":{"b":1}}'), { keys: 7 })).toBe('too_many_keys');
  });

  it('answers size with 413, broken JSON with −32700, the rest with −32600', () => {
    const refusalOf = (body: string) => scanFrame(bytes(body));
    expect(refusalOf(' '.repeat(1_048_577))).toMatchObject({ refusal: { status: 413, rpcCode: -32600 } });
    expect(refusalOf('{')).toMatchObject({ refusal: { status: 400, rpcCode: -32700 } });
    expect(refusalOf('[]')).toMatchObject({ refusal: { status: 400, rpcCode: -32600 } });
  });

  it('never repeats what the caller sent in its sentence', () => {
    const scanned = scanFrame(bytes(withArgs('{"secret-key":1,"secret-key":2}')));
    expect(scanned.ok ? '' : scanned.refusal.message).not.toContain('secret');
  });
});
