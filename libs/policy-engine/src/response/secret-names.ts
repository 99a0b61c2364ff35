/** What a name says of the value beside it: a password people choose, or a credential a machine made. */
export type SecretKind = 'password' | 'credential';

const PASSWORDS: ReadonlySet<string> = new Set(['password', 'passwd', 'pwd', 'passphrase', 'passcode']);
const CREDENTIALS: ReadonlySet<string> = new Set(['secret', 'secrets', 'apikey', 'accesskey', 'secretkey', 'authtoken', 'accesstoken', 'credential', 'credentials', 'authorization', 'sig']);
const BEFORE_KEY: ReadonlySet<string> = new Set(['api', 'access', 'secret', 'private', 'auth', 'signing', 'encryption', 'master', 'account', 'subscription', 'service', 'app', 'server', 'webhook', 'storage', 'shared', 'admin', 'license', 'deploy', 'client']);
/** Words that make of `…_token` something that opens nothing: a place in a list, a count, a mark in a text. */
const NOT_BEFORE_TOKEN: ReadonlySet<string> = new Set([
  'page', 'next', 'prev', 'previous', 'continuation', 'continue', 'sync', 'cursor', 'paging', 'pagination', 'resume', 'delta', 'skip', 'start', 'end', 'progress', 'push', 'device',
  'request', 'poll', 'max', 'min', 'prompt', 'completion', 'total', 'input', 'output', 'cached', 'stop', 'pad', 'eos', 'bos', 'unk', 'mask', 'special', 'sep', 'cls', 'idempotency', 'dedup', 'change',
]);
const LONGEST_NAME = 80;
/** Some part of every name that names a secret. */
const TELLING = /pass|pwd|secret|key|token|credential|authorization|string|sig/i;

/**
 * What a name of a field, variable or option says of its value; undefined where it says nothing. `GITHUB_TOKEN`,
 * `clientSecret` and `db-password` name secrets; `nextPageToken`, `token_type` and `secret_name` do not.
 */
export function secretKindOf(name: string): SecretKind | undefined {
  if (name.length > LONGEST_NAME || !TELLING.test(name)) return undefined;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (PASSWORDS.has(last)) return 'password';
  if (CREDENTIALS.has(last) || (last === 'key' && BEFORE_KEY.has(before))) return 'credential';
  if (last === 'string' && before === 'connection') return 'credential';
  return last === 'token' && !NOT_BEFORE_TOKEN.has(before) ? 'credential' : undefined;
}

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^0-9A-Za-z]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}
