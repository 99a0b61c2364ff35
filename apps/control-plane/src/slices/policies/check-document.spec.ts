import { describe, expect, it } from 'vitest';

import { checkDocument, documentText, enforcedText } from './check-document.js';

const hashOf = (text: string) => {
  const checked = checkDocument(text);
  return checked.ok ? checked.value.checked.documentHash : checked.refusal;
};

describe('a policy document', () => {
  it('is given as text or as an object', () => {
    expect(documentText('{ "version": "1" }')).toBe('{ "version": "1" }');
    expect(documentText({ version: '1' })).toBe('{"version":"1"}');
  });

  it('keeps its text and is hashed by its meaning as JSON', () => {
    const text = '{ "default": "deny", "version": "1" }';
    expect(checkDocument(text)).toMatchObject({ ok: true, value: { checked: { document: text } } });
    expect(hashOf(text)).toBe(hashOf('{"version":"1","default":"deny"}'));
    expect(hashOf(text)).not.toBe(hashOf('{"version":"1","default":"allow"}'));
  });

  it('has another hash for a number that differs beyond a double’s precision', () => {
    const limited = (max: string) => hashOf(`{"version":"1","default":"allow","all_tools":{"deny_if":[{"conditions":[{"path":"args.a","op":"gt","value":${max}}]}]}}`);
    expect(limited('9007199254740993')).not.toBe(limited('9007199254740992'));
  });

  it('is refused with every error', () => {
    expect(checkDocument('{"version":"2","default":"maybe"}')).toMatchObject({ ok: false, refusal: [{ pointer: '/version' }, { pointer: '/default' }] });
  });

  it('leaves shadow mode when it is restored, its numbers untouched', () => {
    expect(enforcedText('{"version":"1","mode":"shadow","default":"deny","tools":{"a":{"limits":[{"max":9007199254740993}]}}}')).toBe(
      '{"default":"deny","tools":{"a":{"limits":[{"max":9007199254740993}]}},"version":"1"}',
    );
    expect(enforcedText('{ "version": "1", "mode": "enforce" }')).toBe('{ "version": "1", "mode": "enforce" }');
  });
});
