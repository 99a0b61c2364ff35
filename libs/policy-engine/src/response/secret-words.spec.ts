import { describe, expect, it } from 'vitest';

import { looksSecret } from './looks-secret.js';
import { secretKindOf } from './secret-names.js';
import { beginsAt, isAlphanumericAt, joined } from './text-match.js';

describe('a value named as a password', () => {
  it.each(['hunter2!', 'aB3$xY9q', 'a1b2c3d4', '12345678', 'pass-w0rd', 'correct.horse1', 'p@ssword', 'ab$cdefg', 'k7#Vq!m2'.repeat(512)])('is one: %s', (value) => {
    expect(looksSecret(value, 'password')).toBe(true);
  });

  it.each([
    'hunte2!', 'password', 'correct-horse', 'correct horse1', 'Correct.Horse.Battery', 'a_b', '!!!!!!!!$', '$PASSWORD1', '${DB_PASSWORD_1}', '<password1>', '[redacted1]', '{{password1}}', '(password1)', '%PASSWORD1%',
    'process.env.PASS1', 'your-password1', 'my_password1', 'changeme-1234', 'example password1', 'placeholder-1', 'a1***bcd', 'a1xxxxbc', 'A1XXXXBC', 'a1...bcd', 'a1…bcdef', '2026-11-21', '2026-11-21T10:00:00Z', '[secret:0a1b2c]', '[email:0a1b2', '11111111', '1112111211',
    `a1!${'b'.repeat(4_094)}`, `${'k7#Vq!m2'.repeat(512)}x`, 'ab1!ab1!', '!@#^&*+=',
  ])('is none: %s', (value) => {
    expect(looksSecret(value, 'password')).toBe(false);
  });
});

describe('a value named as a credential', () => {
  it.each(['a8F3kd92LsQ0vmX1', '0123456789abcdef', 'AKzz-1234-abcd-9876', 'x1y2z3w4v5u6t7s8r9', 'aaaabbbb11223344', 'bearer.abc123def456'])('is one: %s', (value) => {
    expect(looksSecret(value, 'credential')).toBe(true);
  });

  it.each(['a8F3kd92LsQ0vmX', 'abcdefghijklmnop', 'abcd+efgh=ijkl!mnop', 'aaaaabbb11223344', '1234567890123456', 'https://a8F3kd92LsQ0vmX1', 'ftp+x.y-z://a8F3kd92', 'aaaaaaaa11111111', 'a8F3kd92 LsQ0vmX1', 'your-a8F3kd92LsQ0vmX1', '<a8F3kd92LsQ0vmX1>', '2026-11-21 a8F3kd92LsQ', '[jwt:a8F3kd92LsQ0vmX1'])('is none: %s', (value) => {
    expect(looksSecret(value, 'credential')).toBe(false);
  });
});

describe('a name', () => {
  it.each(['password', 'PASSWORD', 'db-password', 'dbPassword', 'DB_PASSWD', 'pwd', 'my.passphrase', 'passcode'])('of a password: %s', (name) => {
    expect(secretKindOf(name)).toBe('password');
  });

  it.each([
    'secret', 'clientSecret', 'secrets', 'CLIENT_SECRET', 'apikey', 'api_key', 'apiKey', 'API-KEY', 'x-api-key', 'accesskey', 'secretAccessKey', 'secretkey', 'authtoken', 'accesstoken', 'credential', 'credentials', 'Authorization', 'sig', 'private_key', 'auth key', 'signingKey', 'encryption_key', 'masterKey',
    'account_key', 'subscription-key', 'serviceKey', 'app_key', 'serverKey', 'webhook_key', 'storageKey', 'sharedKey', 'adminKey', 'license_key', 'deploy_key', 'clientKey', 'GITHUB_TOKEN', 'token', 'access_token', 'HTTPToken', 'connectionString', 'connection_string', `${'a'.repeat(74)}_token`,
  ])('of a credential: %s', (name) => {
    expect(secretKindOf(name)).toBe('credential');
  });

  it.each([
    'name', 'nextPageToken', 'next_token', 'prevToken', 'previous_token', 'page_token', 'continuationToken', 'continue_token', 'syncToken', 'cursor_token', 'pagingToken', 'pagination_token', 'resumeToken', 'delta_token', 'skipToken', 'start_token', 'end_token', 'progressToken', 'push_token', 'deviceToken', 'request_token', 'poll_token',
    'max_token', 'minToken', 'prompt_token', 'completionToken', 'total_token', 'input_token', 'output_token', 'cached_token', 'stop_token', 'pad_token', 'eos_token', 'bos_token', 'unk_token', 'mask_token', 'special_token', 'sep_token', 'cls_token', 'idempotency_token', 'dedup_token', 'change_token',
    'token_type', 'connection_tokens', 'connectionKey', 'secret_name', 'tokens', 'key', 'sort_key', 'primaryKey', 'string', 'query_string', 'monkey', 'passenger', 'compass', 'keyboard', 'design', `${'a'.repeat(75)}_token`, '',
  ])('of neither: %s', (name) => {
    expect(secretKindOf(name)).toBeUndefined();
  });
});

describe('where a value can begin', () => {
  it.each<[string, number, boolean]>([
    ['abc', 0, true],
    [' abc', 1, true],
    ['-abc', 1, true],
    ['xabc', 1, false],
    ['Xabc', 1, false],
    ['9abc', 1, false],
    ['\\nabc', 2, true],
    ['\\tabc', 2, true],
    ['\\babc', 2, true],
    ['\\fabc', 2, true],
    ['\\rabc', 2, true],
    ['\\aabc', 2, false],
    ['\\1abc', 2, false],
    ['%3Dabc', 3, true],
    ['%3dabc', 3, true],
    ['%zDabc', 3, false],
    ['%3zabc', 3, false],
    ['%33Dabc', 4, false],
    ['\\u003dabc', 6, true],
    ['\\u003Dabc', 6, true],
    ['\\u00zdabc', 6, false],
    ['\\v003dabc', 6, false],
    ['xu003dabc', 6, false],
  ])('%s, at %i: %s', (text, at, begins) => {
    expect(beginsAt(text, at)).toBe(begins);
  });

  it.each([['a', true], ['z', true], ['A', true], ['Z', true], ['0', true], ['9', true], ['`', false], ['{', false], ['@', false], ['[', false], ['/', false], [':', false], ['é', false], ['_', false], ['', false]])('%s is a letter or digit: %s', (text, is) => {
    expect(isAlphanumericAt(text, 0)).toBe(is);
  });
});

describe('finds of several detectors', () => {
  const at = (start: number, end: number) => ({ start, end });
  it.each([
    [[[at(5, 9)], [at(0, 2)]], [at(0, 2), at(5, 9)]],
    [[[at(0, 5)], [at(3, 9)]], [at(0, 9)]],
    [[[at(0, 9)], [at(3, 5)]], [at(0, 9)]],
    [[[at(0, 5)], [at(5, 9)]], [at(0, 5), at(5, 9)]],
    [[[at(0, 5), at(0, 9)], [at(8, 12)]], [at(0, 12)]],
    [[[at(2, 4)], [at(2, 4)]], [at(2, 4)]],
    [[[], []], []],
  ])('%j are %j', (lists, wanted) => {
    expect(joined(lists)).toEqual(wanted);
  });
});
