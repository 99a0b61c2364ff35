import { describe, expect, it } from 'vitest';

import { encodeBase64 } from './base64.js';
import { findCards } from './find-cards.js';
import { findEmails } from './find-emails.js';
import { findFormattedSecrets } from './find-formatted-secrets.js';
import { findIbans } from './find-ibans.js';
import { findJwts } from './find-jwts.js';
import { findNamedSecrets } from './find-named-secrets.js';
import { continuePrivateKey, findPrivateKeys } from './find-private-keys.js';
import type { TextMatch } from './text-match.js';

/** What is found is written between angle brackets in each case. */
const marked = (text: string, found: readonly TextMatch[]) => [...found].reverse().reduce((result, { start, end }) => `${result.slice(0, start)}‹${result.slice(start, end)}›${result.slice(end)}`, text);
const unmarked = (text: string) => text.replace(/[‹›]/g, '');
const base64url = (text: string) => encodeBase64(new TextEncoder().encode(text)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

describe('credit_card', () => {
  it.each([
    '‹675964982648›', '‹4111111111111111003›', '6759649826438453000', '99-4111111111111111', '99.4111111111111111', '99 ‹4111111111111111›', '4111111111111111-5', '4111111111111111.5', '‹4111111111111111› 5', '‹4111111111111111›-', '‹4111111111111111›.',
    '_4111111111111111', 'é4111111111111111', '4111111111111111é', '4111111111111111_', '\u2014‹4111111111111111›', '%3D‹4111111111111111›', '‹4111111111111111› ‹4111111111111111›', '5 ‹4111 1111 1111 1111› 5', '‹4111 1111 1111 1111 003› 5', '‹4222222222222›', '42222 222222 22', '‹411111 1111111111›',
    '4111 11111 111111', '4111-1111 1111-1111', '‹4111\u20091111\u20091111\u20091111›', '‹4111\u20111111\u20111111\u20111111›', '4111  1111  1111  1111',
  ])('%s', (text) => {
    expect(marked(unmarked(text), findCards(unmarked(text)))).toBe(text);
  });
});

describe('email', () => {
  it.each([
    '‹a@b.co›', 'a@b.c', '‹git@b.co›', 'git@b.co:x', '‹gita@b.co›:x', '‹a@b.co›: x', '.@b.co', 'a.@b.co', '.‹a@b.co›', '=@b.co', '-@b.co', '\\n‹ada@b.co›', '\\u003d‹ada@b.co›', '\\u00ad‹a@b.co›', '\\‹u00zz@b.co›', '%3D‹ada@b.co›', '%bb@b.co', '%3d‹3dada@b.co›', 'to=‹ada@b.co›', 'a/‹ada@b.co›', 'a?‹ada@b.co›', 'x&‹ada@b.co›', 'x|‹ada@b.co›', '#!‹ada@b.co›',
    '‹a!#da@b.co›', `‹${'a'.repeat(64)}@b.co›`, `a‹${'a'.repeat(64)}@b.co›`, '‹a@b.co›.', 'a@b.co-x', 'icon@2.5x.png', 'lib@1.2.zip', '‹a@2x.2y.png›', '‹a%40b.co›', 'a%40b', '‹a@b.co›;‹c@d.co›', 'a@@b.co', '@b.co',
  ])('%s', (text) => {
    expect(marked(unmarked(text), findEmails(unmarked(text)))).toBe(text);
  });
});

describe('iban', () => {
  it.each([
    '‹NO9386011117947›', '‹NO93 8601 1117 947›', '‹NO93 8601 1117 947› ', '‹NO93 86011117947›',  'NO9386011117947A', 'NO93  8601 1117 947', ' NO93 8601 1117 94', 'NO9 386011117947', '‹NO93-8601-1117-947›-1', '‹NO93\u00a08601\u00a01117\u00a0947›', '‹NO9386011117947› ‹NO9386011117947›', 'NO9386011117947NO9386011117947',
    'xNO9386011117947', '%3D‹NO9386011117947›', 'ZZ9386011117947', '‹no9386011117947›', '‹NO93 8601-1117 947›', '-NO9386011117946', 'NO93 860 11117 947', 'NO93 8601 1117 9 47',
  ])('%s', (text) => {
    expect(marked(unmarked(text), findIbans(unmarked(text)))).toBe(text);
  });
});

describe('the check digits of an iban', () => {
  it.each([['97', '00'], ['98', '01'], ['02', '99']])('are from 02 to 98: %s is right where %s is not, though it leaves the same', (right, wrong) => {
    const accounts = Array.from({ length: 97 }, (_, at) => `NO${right}${String(10_000_000_000 + at)}`);
    const [found] = accounts.filter((iban) => findIbans(iban).length > 0);
    expect(found).toBeDefined();
    expect(findIbans((found ?? '').replace(right, wrong))).toEqual([]);
  });
});

describe('jwt', () => {
  const header = base64url('{"alg":"HS256"}');
  const encrypted = base64url('{"alg":"dir","enc":"A256GCM"}');
  it.each([
    `‹${header}.e30.sig›`, `‹${header}.e30.›`, `‹${header}.e30.sig›.next`, `‹${header}.e30.sig›.and.more`, `‹${header}.e30.sig›.and.more.yet`, `${header}..sig`, `${header}.e30`, `-${header}.e30.sig`, `_${header}.e30.sig`, `a${header}.e30.sig`, `=‹${header}.e30.sig›`, `\\n‹${header}.e30.sig›`, `‹${header}.e30.sig› ‹${header}.e30.sig›`,
    `‹${encrypted}..iv.text.tag›`, `‹${encrypted}.key.iv.text.tag›`, `‹${encrypted}.key.iv›.text`, `‹${header}.${header}.sig›`, `${base64url('{"enc":"A"}')}.e30.sig`, `${base64url('{"alg":5}')}.e30.sig`, `${base64url('{"algo":"HS256"}')}.e30.sig`, `${base64url('{"alg":"HS256"')}.e30.sig`, `eyJ${'A'.repeat(9)}.e30.sig`, `‹${base64url('{ "alg":"A"}')}.e30.s›`,
    `‹${header}.e30.sig›.${header}.e30`, `‹${header}.e30.sig›.‹${header}.e30.sig›`,
  ])('%s', (text) => {
    expect(marked(unmarked(text), findJwts(unmarked(text)))).toBe(text);
  });
});

describe('a secret that is named', () => {
  const value = 'a8F3kd92LsQ0vmX1';
  it.each([
    `token=‹${value}›`, `token = ‹${value}›`, `token\t:\t‹${value}›`, `token   = ‹${value}›`, `token    = ${value}`, `token: "‹${value}›"`, `"token": "‹${value}›"`, `'token' => '‹${value}›'`, `\`token\`:=\`‹${value}›\``, `\\"token\\":\\"‹${value}›\\"`, `[token=${value}]`, `token=‹${value}›.`, `token=‹${value}›]!?`, `(token=‹${value}›)`, `token=‹${value}›;x`,
    `token==‹${value}›`, `token=    ${value}`, `token ${value}`, `token=`, `token=‹${value}› token=‹${value}›`, `page_token=${value}`, `name=token=‹${value}›`, `a.token=‹${value}›`, `${'a'.repeat(74)}_token=‹${value}›`, `${'a'.repeat(75)}_token=‹${value}›`, `${'_'.repeat(300)}_token=‹${value}›`,
    `api_key=${'-'.repeat(234)}:token=${value}`, `api_key=${'-'.repeat(233)}:token=‹${value}›`, `Bearer ‹${value}abcd›`, `bearer\t‹${value}abcd==›`, `Bearer ${value}abc`, `Basic ‹${value}abcd›`, `xbearer ${value}abcd`, `bearer ${'abcd'.repeat(5)}`, `bearer    ${value}abcd`, `x://u:‹${value}›@h`, 'x://u:‹hunter2›@h', 'x://:‹hunter2›@[::1]', 'x://u:password@h', 'x://u:xxx@h', 'x://u:***@h', 'x://u:$PW@h', 'x://u:...@h', 'x://u:hunter2@', 'x://u@h:p@h', 'x:/u:hunter2@h',
    'x://b:‹b›@h', `x_token=y://z:‹${value}›@h`,
  ])('%s', (text) => {
    expect(marked(unmarked(text), findNamedSecrets(unmarked(text)))).toBe(text);
  });
});

describe('a secret by its form', () => {
  const key = 'AKIAIOSFODNN7EXAMPLE';
  it.each([
    `‹${key}›`, `x${key}`, `9${key}`, `-‹${key}›`, `.‹${key}›`, `=‹${key}›`, `%3D‹${key}›`, `\\n‹${key}›`, `\\u003d‹${key}›`, `${key}A`, `‹${key}›-A`, `‹${key}›/‹${key}›`, `${key}${key}`, `sp_agt_${'0'.repeat(40)}_000000`, 'LTAI0123456789A', '‹LTAI0123456789AB›', '-‹LTAI0123456789AB›', '= ‹LTAI0123456789AB›', 'AKIA IOSFODNN7EXAMPLE',
  ])('%s', (text) => {
    expect(marked(unmarked(text), findFormattedSecrets(unmarked(text)))).toBe(text);
  });
});

describe('private_key', () => {
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
  const begin = '-----BEGIN PRIVATE KEY-----';
  const end = '-----END PRIVATE KEY-----';
  it.each<[string, boolean]>([
    [`a ‹${begin}${'A'.repeat(24)}${end}› b`, false],
    [`a ${begin}${'A'.repeat(23)}${end} b`, false],
    [`a ‹${begin}${'A'.repeat(24)}›`, true],
    [`a ${begin}${'A'.repeat(23)}`, true],
    [`a ‹${begin}\n${line}\nand› so on`, false],
    [`a ‹${begin}\n${line}\n${line.slice(0, 8)}›`, true],
    [`${begin}`, true],
    [`${begin} `, true],
    [`${begin} is how it begins`, false],
    [`${end} ‹${begin}\n${line}\n${end}›`, false],
    [`${end} ‹${begin}\n${line}›`, true],
    [`‹${begin}\n${line}\n›${begin}\n${end}`, false],
    [`‹${begin}\n${line}\n›‹${begin}\n${line}\n${end}›`, false],
    [`‹${begin}\n${line}\n${end}›‹${begin}\n${line}›`, true],
    [`${begin}${end}`, false],
    [`‹Private-Lines: 12\n${line}›`, true],
    [`XPrivate-Lines: 12\n${line}`, false],
    [`‹${begin}\nProc-Type: 4,ENCRYPTED\n${line}›`, true],
    [`‹${begin}${'A'.repeat(65_536)}›A`, false],
    [`PRIVATE KEY ${line}`, false],
    ['', false],
  ])('%s', (text, isOpen) => {
    const found = findPrivateKeys(unmarked(text));
    expect([marked(unmarked(text), found.matches), found.isOpen]).toEqual([text, isOpen]);
  });

  it.each<[string, boolean]>([
    [`‹${line}›`, true],
    [`‹${line}\n${line}›`, true],
    [`‹\n${line}\n\n›`, true],
    ['‹ab==›', true],
    [`‹${'A'.repeat(16)}\nab==›`, true],
    [`${'A'.repeat(15)}\nab==`, false],
    ['a sentence', false],
    ['', false],
    ['\n', false],
    [`‹${end}›`, false],
    [`‹\n${end}› x`, false],
    [`‹${line}\nab==\n${end}›\n`, false],
    [`‹${'A'.repeat(15)}\n${line}\n${end}›`, false],
    [`a word. ${end}`, false],
    [`‹${'A'.repeat(65_536)}›`, true],
    [`${'A'.repeat(65_537)}`, false],
    [`‹${'A'.repeat(65_536 - end.length)}${end}›`, false],
    [`${'A'.repeat(65_538 - end.length)}${end}`, false],
  ])('goes on with %s', (text, isOpen) => {
    const found = continuePrivateKey(unmarked(text));
    expect([marked(unmarked(text), found.matches), found.isOpen]).toEqual([text, isOpen]);
  });
});
