import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { MINT_RANDOM_BYTES, TOKEN_KINDS, mintToken } from '@sallyport/tokens';
import { describe, expect, it } from 'vitest';

import { decodeBase64, encodeBase64 } from './base64.js';
import { findCards } from './find-cards.js';
import { findEmails } from './find-emails.js';
import { findIbans } from './find-ibans.js';
import { findJwts } from './find-jwts.js';
import { continuePrivateKey, findPrivateKeys } from './find-private-keys.js';
import { findSecrets } from './find-secrets.js';
import type { TextMatch } from './text-match.js';

const shown = (text: string, matches: readonly TextMatch[]) => matches.map(({ start, end }) => text.slice(start, end));
const base64url = (value: object) => encodeBase64(new TextEncoder().encode(JSON.stringify(value))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
/** Letters and digits that repeat in no short period. */
const run = (length: number, alphabet = '4f9Kq1Zx7Wm3Tn8Rb2Hs6Yd0Gv5Lc') => Array.from({ length }, (_, at) => alphabet[(at * 7 + (at >> 2)) % alphabet.length]).join('');
const hex = (length: number) => run(length, '0123456789abcdef');

describe('secret', () => {
  it.each([
    ['AWS access key', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['GitHub token', `ghp_${run(36)}`],
    ['GitHub fine-grained token', `github_pat_${run(22)}_${run(59)}`],
    ['GitLab token', `glpat-${run(20)}`],
    ['Slack token', `xoxb-${'123456789012'}-${'1234567890123'}-${run(24)}`],
    ['Slack webhook', `hooks.slack.com/services/T${run(10)}/B${run(10)}/${run(24)}`],
    ['Stripe key', `sk_live_${run(24)}`],
    ['Stripe restricted key', `rk_test_${run(24)}`],
    ['OpenAI key', `sk-proj-${run(48)}`],
    ['Anthropic key', `sk-ant-api03-${run(93)}`],
    ['Google API key', `AIza${run(35)}`],
    ['npm token', `npm_${run(36)}`],
    ['PyPI token', `pypi-AgEIcHlwaS5vcmc${run(60)}`],
    ['SendGrid key', `SG.${run(22)}.${run(43)}`],
    ['Telegram bot token', `123456789:AA${run(33)}`],
    ['DigitalOcean token', `dop_v1_${hex(64)}`],
    ['Hugging Face token', `hf_${run(34)}`],
    ['Shopify token', `shpat_${hex(32)}`],
    ['Square token', `EAAA${run(60)}`],
    ['Square application secret', `sq0csp-${run(43)}`],
    ['Vault token', `hvs.${run(40)}`],
    ['Terraform token', `${run(14)}.atlasv1.${run(67)}`],
    ['Notion token', `secret_${run(43)}`],
    ['Postman key', `PMAK-${hex(24)}-${hex(34)}`],
    ['Databricks token', `dapi${hex(32)}`],
  ])('finds a %s alone, in a sentence, in an address and after an escape', (_what, secret) => {
    for (const text of [secret, `Use ${secret}.`, `https://x.test/?k=${secret}&b=1`, `k%3D${secret}`, `{\\"k\\":\\"\\n${secret}\\"}`]) {
      expect(shown(text, findSecrets(text))).toEqual([secret]);
    }
  });

  it('finds this product\'s own tokens, and only those whose checksum fits', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOKEN_KINDS), fc.uint8Array({ minLength: MINT_RANDOM_BYTES, maxLength: MINT_RANDOM_BYTES, max: 247 }), (kind, random) => {
        const { token } = mintToken(kind, random);
        const other = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`;
        expect(shown(`see ${token}, `, findSecrets(`see ${token}, `))).toEqual([token]);
        expect(findSecrets(`see ${other}, `)).toEqual([]);
      }),
    );
  });

  it.each([
    ['an environment file', 'DB_PASSWORD=k7#Vq!m2pL', 'k7#Vq!m2pL'],
    ['JSON in a text', '{"clientSecret": "a8F3kd92LsQ0vmX1"}', 'a8F3kd92LsQ0vmX1'],
    ['JSON in JSON in a text', '{\\"api_key\\":\\"a8F3kd92LsQ0vmX1\\"}', 'a8F3kd92LsQ0vmX1'],
    ['an AWS secret', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a header', 'Authorization: Bearer mF_9.B5f-4.1JqMa8f3kd92LsQ', 'mF_9.B5f-4.1JqMa8f3kd92LsQ'],
    ['a database address', 'postgres://app:s3cr3t%21pw@db.test:5432/x', 's3cr3t%21pw'],
    ['an Azure connection string', 'AccountName=a;AccountKey=Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==;X=1', 'Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg=='],
    ['YAML', 'token: "9f8e7d6c5b4a39281706"', '9f8e7d6c5b4a39281706'],
  ])('finds what is named as one in %s', (_where, text, value) => {
    expect(shown(text, findSecrets(text))).toEqual([value]);
  });

  it.each([
    'nextPageToken=CAUQAA1234567890abcdef',
    '"page_token": "eyAbcd1234567890xyz"',
    '{"prompt_tokens": 1234567890123456}',
    'api_key=${API_KEY_FROM_ENVIRONMENT_1}',
    'api_key: <your-api-key-here-12345>',
    'password: required',
    'The password: at least 8 characters',
    'token: 2026-11-21T10:00:00Z',
    'secret_name=projects/p1/secrets/s1/versions/1',
    'access_token: string',
    'API_KEY=xxxxxxxxxxxxxxxxxxxx1',
    'api_key=[secret:0f1e2d3c4b5a69788796]',
    'https://user@host.test/a:b@c',
    'postgres://user:password@localhost/db',
    'sk-learn and sk_live_ are prefixes',
    'AKIA is a prefix; AKIAIOSFODNN7EXAMPL is one short',
    'commit 4f9c1d2e3b4a5968778695a4b3c2d1e0f9a8b7c6',
    '3f2b8c1e-9d4a-4e6f-8a7b-1c2d3e4f5a6b',
    'sp_agt_0000000000000000000000000000000000000000_2qK9wX',
  ])('finds nothing in: %s', (text) => {
    expect(shown(text, findSecrets(text))).toEqual([]);
  });
});

describe('jwt', () => {
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: '1' })}.${run(43)}`;
  const spaced = `${encodeBase64(new TextEncoder().encode('{ "alg": "none" }')).replaceAll('=', '')}.${base64url({ sub: '1' })}.`;
  const encrypted = `${base64url({ alg: 'dir', enc: 'A256GCM' })}..${run(16)}.${run(40)}.${run(22)}`;

  it.each([signed, encrypted])('is found whole wherever it stands: %s', (token) => {
    for (const text of [token, `Bearer ${token}`, `{"t":"${token}"}`, `a=1&t=${token}&b`, `t%3D${token}`, `\\n${token}`]) expect(shown(text, findJwts(text))).toEqual([token]);
  });

  it('is found unsigned and with a header that is written with spaces', () => {
    expect(shown(spaced, findJwts(spaced))).toEqual([spaced]);
  });

  it('ends before the end of the sentence', () => {
    expect(shown(`It is ${signed}.example`, findJwts(`It is ${signed}.example`))).toEqual([signed]);
  });

  it.each(['eyJhbGciOiJIUzI1NiJ9', 'eyJub3QiOiJhIGp3dCJ9.eyJhIjoxfQ.abc', 'eyJhbGciOiJIUzI1NiJ9..', 'eyeshadow.palette.catalogue', 'ewok.planet.endor', `x${signed}`])('is not: %s', (text) => {
    expect(findJwts(text)).toEqual([]);
  });

  it('is any header with an algorithm', () => {
    fc.assert(
      fc.property(fc.record({ alg: fc.string() }), fc.dictionary(fc.string(), fc.string()), fc.base64String({ minLength: 4 }), (header, payload, signature) => {
        const token = `${base64url({ ...header, kid: 'k' })}.${base64url(payload)}.${signature.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
        expect(shown(`<${token}>`, findJwts(`<${token}>`))).toEqual([token]);
      }),
    );
  });
});

describe('private_key', () => {
  const body = Array.from({ length: 6 }, (_, at) => run(64).slice(at) + run(at)).join('\n');
  const key = (name: string) => `-----BEGIN ${name}-----\n${body}\n-----END ${name}-----`;
  const found = (text: string) => shown(text, findPrivateKeys(text).matches);

  it.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'])('finds %s', (name) => {
    expect(found(`before ${key(name)} after`)).toEqual([key(name)]);
  });

  it.each([
    ['escaped', '\\n'],
    ['escaped twice', '\\\\n'],
    ['escaped for Windows', '\\r\\n'],
    ['gone', ' '],
    ['quoted in a mail', '\n> '],
  ])('finds one whose line breaks are %s', (_how, gap) => {
    const text = key('PRIVATE KEY').replaceAll('\n', gap);
    expect(found(`{"key":"${text}"}`)).toEqual([text]);
  });

  it('finds one that is cut off, and each of two', () => {
    const cut = key('PRIVATE KEY').slice(0, -40);
    expect(found(`${cut}`)).toEqual([cut]);
    expect(found(`${key('PRIVATE KEY')}\n\n${key('EC PRIVATE KEY')}`)).toEqual([key('PRIVATE KEY'), key('EC PRIVATE KEY')]);
  });

  it('finds one with headers, and the PuTTY form', () => {
    const headed = key('RSA PRIVATE KEY').replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n');
    expect(found(headed)).toEqual([headed]);
    const putty = `Private-Lines: 6\n${body}`;
    expect(found(`PuTTY-User-Key-File-3: ssh-rsa\n${putty}`)).toEqual([putty]);
  });

  it('follows one whose lines come as separate texts', () => {
    const lines = key('PRIVATE KEY').split('\n');
    let isOpen = false;
    const covered = lines.map((line) => {
      const keys = isOpen ? continuePrivateKey(line) : findPrivateKeys(line);
      isOpen = keys.isOpen;
      return keys.isOpen || keys.matches.length > 0;
    });
    expect(covered).toEqual(lines.map(() => true));
    expect(isOpen).toBe(false);
    expect(continuePrivateKey('And a sentence.')).toEqual({ matches: [], isOpen: false });
  });

  it.each(['-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----', 'A PEM begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.', '-----BEGIN CERTIFICATE-----'])('is not: %s', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('email', () => {
  it.each(['ada@example.org', 'a.b+c_d@mail.example.co.uk', "o'hara@example.ie", 'user_tag@163.com', 'jürgen@straße.de', '用户@例子.公司', 'x@xn--bcher-kva.example', 'first-last@a-b.io', 'ada%40example.org', 'a@b.museum'])('finds %s in any surroundings', (address) => {
    for (const text of [address, `<${address}>`, `mailto:${address}?subject=x`, `write to ${address}, please`, `"${address}"`, `a=${address}&b=2`, `${address}.`, `to:\\n${address}`]) {
      expect(shown(text, findEmails(text))).toEqual([address]);
    }
  });

  it.each(['@scope/package', 'package@1.2.3', 'lodash@4.17.21.tgz', 'icon@2x.png', 'git@github.com:team/repo.git', 'a @ b.com', 'user@localhost', '@', '@@@', 'me@', 'x@y', 'foo@bar..com', '5 @ 3.50 each'])('finds none in %s', (text) => {
    expect(shown(text, findEmails(text))).toEqual([]);
  });

  it('finds each of several, once', () => {
    const text = 'a@x.org;b@x.org, c@x.org d@x.org@y.org';
    expect(shown(text, findEmails(text))).toEqual(['a@x.org', 'b@x.org', 'c@x.org', 'd@x.org']);
  });
});

describe('credit_card', () => {
  const numbers = ['4111111111111111', '4222222222222', '5555555555554444', '2223003122003222', '378282246310005', '30569309025904', '6011111111111117', '3530111333300000', '6200000000000005', '6759649826438453', '2200770239097761'];

  it.each(numbers)('finds %s', (number) => {
    for (const text of [number, `card ${number}, exp 12/26`, `"${number}"`, `pan=${number}`, `\\n${number}`, `2026-11-21 ${number}`]) expect(shown(text, findCards(text))).toEqual([number]);
  });

  it.each(['4111 1111 1111 1111', '4111-1111-1111-1111', '3782 822463 10005', '3056 930902 5904', '4111\u00a01111\u00a01111\u00a01111', '4111.1111.1111.1111', '6759 6498 2643 8453'])('finds %s as it is printed', (number) => {
    expect(shown(`Paid with ${number} today`, findCards(`Paid with ${number} today`))).toEqual([number]);
  });

  it('finds each card in a list, with expiry and code beside it', () => {
    const text = '4111 1111 1111 1111 12/26 123\n5555 5555 5555 4444 01/27';
    expect(shown(text, findCards(text))).toEqual(['4111 1111 1111 1111', '5555 5555 5555 4444']);
  });

  it.each(['4111111111111112', '41111111111111111111', '0.4111111111111111', 'x4111111111111111', '4111111111111111abc', '1234567812345670', '1732186800000', '1732186800000000000', '4111-1111-1111-1111-2', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '41 11 11 11 11 11 11 11', '9999999999999995', 'order_4111111111111111', '4111 1111-1111 1111'])('finds none in %s', (text) => {
    expect(shown(text, findCards(text))).toEqual([]);
  });

  it('finds any number it is given a right check digit for, and none with another', () => {
    fc.assert(
      fc.property(fc.constantFrom('4', '51', '2720', '65', '3528'), fc.integer({ min: 0, max: 9 }), fc.array(fc.nat(9), { minLength: 15, maxLength: 15 }), (prefix, check, rest) => {
        const stem = (prefix + rest.join('')).slice(0, 15);
        const right = [...Array(10).keys()].find((digit) => luhn(stem + String(digit)));
        expect(findCards(stem + String(check)).length).toBe(check === right ? 1 : 0);
      }),
    );
  });
});

function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => total + (at % 2 === 0 ? Number(digit) : Math.floor((Number(digit) * 2) / 10) + ((Number(digit) * 2) % 10)), 0);
  return sum % 10 === 0;
}

describe('iban', () => {
  it.each(['DE89370400440532013000', 'GB82WEST12345698765432', 'FR1420041010050500013M02606', 'NO9386011117947', 'MT84MALT011000012345MTLCAST001S', 'de89370400440532013000', 'DE89 3704 0044 0532 0130 00', 'GB82-WEST-1234-5698-7654-32', 'NL91 ABNA 0417 1643 00'])('finds %s', (iban) => {
    for (const text of [iban, `to ${iban}, today`, `"${iban}"`, `iban%3D${iban}`, `\\n${iban}.`]) expect(shown(text, findIbans(text))).toEqual([iban]);
  });

  it.each(['DE89370400440532013001', 'DE8937040044053201300', 'DE893704004405320130000', 'XX89370400440532013000', 'ADE89370400440532013000', 'DE00370400440532013000', 'DE89  3704 0044 0532 0130 00'])('finds none in %s', (text) => {
    expect(shown(text, findIbans(text))).toEqual([]);
  });

  it('finds any number with the check digits that belong to it, and none with others', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 18, maxLength: 18 }), fc.integer({ min: 2, max: 98 }), (digits, check) => {
        const bban = digits.join('');
        const right = 98n - BigInt(`${bban}131400`) % 97n;
        expect(findIbans(`DE${String(check).padStart(2, '0')}${bban}`).length).toBe(BigInt(check) === right ? 1 : 0);
      }),
    );
  });
});

describe('base64', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['a', 'ab!c', 'ab=c', '====='])('is not: %s', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});

describe('every detector', () => {
  const finders = { findSecrets, findJwts, findEmails, findCards, findIbans, findPrivateKeys: (text: string) => findPrivateKeys(text).matches };

  it.each(['clockify', 'harvest', 'ticktick', 'trackingtime'])('leaves the tool list of %s alone', (server) => {
    const text = readFileSync(new URL(`../../../test-support/data/seed-servers/${server}.json`, import.meta.url), 'utf8');
    for (const [name, find] of Object.entries(finders)) expect([name, shown(text, find(text))]).toEqual([name, []]);
  });

  it.each([
    ['a', 'a'],
    ['@', '@'],
    ['ey', 'ey'],
    ['ey.', 'eyJh.'],
    ['digits', '4'],
    ['spaced digits', '4111 '],
    ['names', 'token='],
    ['names and values', 'a_token=b:'],
    ['begins', '-----BEGIN PRIVATE KEY-----'],
    ['addresses', '://a:'],
    ['ibans', 'DE89'],
    ['prefixes', 'sk-proj-'],
    ['key lines', 'MIIEvQIBADANBgkq\n'],
    ['bearers', 'bearer bearer  '],
  ])('takes time in proportion to a text made of %s', (_what, unit) => {
    const small = unit.repeat(Math.ceil(20_000 / unit.length));
    const large = unit.repeat(Math.ceil(320_000 / unit.length));
    for (const find of Object.values(finders)) {
      find(small);
      const fast = timeOf(() => find(small));
      expect(timeOf(() => find(large))).toBeLessThan(Math.max(fast * 16 * 6, 60));
    }
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
