const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;
const POLICY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text can be an id. Objects are named by id or name alike, so no name may look like an id. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Whether a text can name an identity: 1 to 100 of `A-Z a-z 0-9 . _ - @ +`, beginning with a letter or digit. */
export function isIdentityName(text: string): boolean {
  return NAME.test(text) && !isId(text);
}

/** Whether a text can name a policy: as `isIdentityName`, without `@` (which separates the version) and `+`. */
export function isPolicyName(text: string): boolean {
  return POLICY_NAME.test(text) && !isId(text);
}

/** Whether a text can be a slug: 1 to 63 of `a-z 0-9 -`, not beginning or ending with `-`. */
export function isSlug(text: string): boolean {
  return SLUG.test(text) && !isId(text);
}

/** Whether a text can name a sink: as `isPolicyName`. */
export function isSinkName(text: string): boolean {
  return isPolicyName(text);
}
