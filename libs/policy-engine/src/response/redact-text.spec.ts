import { describe, expect, it } from 'vitest';

import { DETECTORS, type Detector, type RedactAction } from '../document.js';
import { encodeBase64 } from './base64.js';
import { TextRedactor } from './redact-text.js';

const rule = (detector: Detector, action: RedactAction = 'mask') => ({ detector, action, ruleId: `/${detector}` });
const redactor = (...detectors: readonly (Detector | readonly [Detector, RedactAction])[]) => new TextRedactor(detectors.map((each) => (typeof each === 'string' ? rule(each) : rule(...each))), (value) => `h${value.length}`);

/** What a text becomes, and who says so; undefined where nothing is found. */
function shown(redacted: ReturnType<TextRedactor['redact']>): readonly [string, ...string[]] | undefined {
  return redacted === undefined ? undefined : [redacted.text, ...redacted.hits.map(({ detector }) => detector)];
}

const LINE = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
const BEGIN = '-----BEGIN PRIVATE KEY-----';
const END = '-----END PRIVATE KEY-----';
const STARS = '*'.repeat(LINE.length);

describe('one find', () => {
  it.each<[Detector, string, string]>([
    ['email', 'a@b.co', '*@*.**'],
    ['email', 'to ada%40b.co!', 'to ***@*.**!'],
    ['credit_card', '675964982648', '********2648'],
    ['credit_card', 'card 4111 1111 1111 1111, 12/26', 'card **** **** **** 1111, 12/26'],
    ['iban', 'NO9386011117947', '***********7947'],
    ['iban', 'to NL91 ABNA 0417 1643 00.', 'to **** **** **** **43 00.'],
    ['private_key', `${BEGIN}\n${LINE}\n${END} x`, `${BEGIN}\n${STARS}\n${END} x`],
    ['private_key', `Private-Lines: 1\n${LINE}`, `Private-Lines: 1\n${STARS}`],
    ['secret', 'pwd=k7#Vq!m2', 'pwd=********'],
  ])('of %s in %s is masked in its shape', (detector, text, wanted) => {
    expect(shown(redactor(detector).redact(text))).toEqual([wanted, detector]);
  });

  it('of jwt keeps its dots', () => {
    const header = encodeBase64(new TextEncoder().encode('{"alg":"A"}')).replaceAll('=', '');
    expect(shown(redactor('jwt').redact(`${header}.e-_.s`))).toEqual([`${'*'.repeat(header.length)}.***.*`, 'jwt']);
  });

  it('is hashed whole, or taken out', () => {
    expect(shown(redactor(['email', 'hash']).redact('a@b.co, c@d.org'))).toEqual(['[email:h6], [email:h7]', 'email']);
    expect(shown(redactor(['email', 'remove']).redact('to a@b.co, c@d.org'))).toEqual(['to , ', 'email']);
  });

  it.each(DETECTORS)('of %s is none in a text without', (detector) => {
    expect(redactor(detector).redact('The quick brown fox jumps over the lazy dog, 12 times.')).toBeUndefined();
  });
});

describe('a text that stands under a name', () => {
  it('is a secret whole where its name says so', () => {
    expect(shown(redactor('secret').redact('k7#Vq!m2', 'password'))).toEqual(['********', 'secret']);
    expect(redactor('secret').redact('k7#Vq!m', 'password')).toBeUndefined();
    expect(redactor('secret').redact('k7#Vq!m2', 'note')).toBeUndefined();
    expect(redactor('secret').redact('k7#Vq!m2')).toBeUndefined();
  });

  it('is one for the detector of secrets alone', () => {
    expect(redactor('email', 'iban', 'jwt', 'credit_card', 'private_key').redact('k7#Vq!m2pL0xZ4', 'password')).toBeUndefined();
  });
});

describe('finds that overlap', () => {
  it('are each masked in their own way where they only touch', () => {
    expect(shown(redactor('private_key', 'credit_card').redact(`${BEGIN}${LINE}${END}4111111111111111`))).toEqual([`${BEGIN}${STARS}${END}************1111`, 'private_key', 'credit_card']);
  });

  it('keep the shape of what holds the other', () => {
    expect(shown(redactor('email', 'credit_card').redact('4111111111111111@b.co'))).toEqual(['****************@*.**', 'email', 'credit_card']);
  });

  it('are masked as secrets where they are of two kinds', () => {
    expect(shown(redactor('secret', 'email').redact('password=ada-1@example.org, x'))).toEqual(['password=*****************, x', 'secret', 'email']);
    expect(shown(redactor('email', 'secret').redact('password=ada-1@example.org, x'))).toEqual(['password=*****************, x', 'email', 'secret']);
  });

  it('are masked as secrets where neither lies in the other', () => {
    const text = `${BEGIN}\n${LINE}\n4111 1111 1111 1111`;
    expect(shown(redactor('private_key', 'credit_card').redact(text))).toEqual([text.replace(/\S/g, '*'), 'private_key', 'credit_card']);
  });

  it('go by the rule that leaves least', () => {
    expect(shown(redactor('secret', ['email', 'remove']).redact('password=ada-1@example.org, x'))).toEqual(['password=, x', 'secret', 'email']);
    expect(shown(redactor(['secret', 'remove'], 'email').redact('password=ada-1@example.org, x'))).toEqual(['password=, x', 'secret', 'email']);
    expect(shown(redactor(['secret', 'hash'], 'email').redact('password=ada-1@example.org, x'))).toEqual(['password=[secret:h17], x', 'secret', 'email']);
  });
});

describe('a key of an object', () => {
  it('is redacted alike however often it comes', () => {
    const emails = redactor('email', 'secret');
    for (let time = 0; time < 3; time += 1) {
      expect(shown(emails.redactKey('a@b.co'))).toEqual(['*@*.**', 'email']);
      expect(emails.redactKey('name')).toBeUndefined();
      expect(emails.redactKey('password')).toBeUndefined();
    }
  });

  it('is redacted alike after more keys than are kept', () => {
    const emails = redactor('email');
    for (let at = 0; at < 1_005; at += 1) expect(shown(emails.redactKey(`u${at}@b.co`))?.[0]).toBe(`${'*'.repeat(String(at).length + 1)}@*.**`);
    expect(shown(emails.redactKey('u0@b.co'))).toEqual(['**@*.**', 'email']);
  });

  it('is no part of a private key', () => {
    const keys = redactor('private_key');
    expect(keys.redactKey(`${BEGIN}\n${LINE}\n${END}`)).toBeUndefined();
    expect(keys.redactKey(BEGIN)).toBeUndefined();
    expect(keys.redact(LINE)).toBeUndefined();
    keys.redact(BEGIN);
    expect(keys.redactKey(LINE)).toBeUndefined();
    expect(shown(keys.redact(LINE))).toEqual([STARS, 'private_key']);
  });
});

describe('a private key in several texts', () => {
  it('goes on until its end, short last lines and all', () => {
    const keys = redactor('private_key');
    expect([BEGIN, LINE, `${LINE}\n`, 'ab==', END, LINE].map((text) => keys.redact(text)?.text)).toEqual([undefined, STARS, `${STARS}\n`, '****', END, undefined]);
  });

  it('is over where another text comes', () => {
    const keys = redactor('private_key');
    expect([BEGIN, LINE, 'a sentence.', LINE].map((text) => keys.redact(text)?.text)).toEqual([undefined, STARS, undefined, undefined]);
    expect([LINE, LINE, 'hello there', LINE].map((text) => keys.redact(text))).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('may be followed by another in the text that ends it', () => {
    const keys = redactor('private_key');
    keys.redact(`${BEGIN}\n${LINE}`);
    expect(keys.redact(`${LINE}\n${END}\nthen ${BEGIN}\n${LINE}\n${END} and a@b.co`)?.text).toBe(`${STARS}\n${END}\nthen ${BEGIN}\n${STARS}\n${END} and a@b.co`);
    expect(keys.redact(LINE)).toBeUndefined();
    keys.redact(`${BEGIN}\n${LINE}`);
    expect(keys.redact(`${END}\n${BEGIN}\n${LINE}`)?.text).toBe(`${END}\n${BEGIN}\n${STARS}`);
    expect(keys.redact(LINE)?.text).toBe(STARS);
  });

  it('is followed beside other detectors', () => {
    const keys = redactor('email', 'private_key');
    keys.redact(BEGIN);
    expect(shown(keys.redact('ab=='))).toEqual(['****', 'private_key']);
  });
});
