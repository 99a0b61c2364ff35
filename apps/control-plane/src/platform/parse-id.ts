import { branded, type Brand } from '@sallyport/kernel';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A text from outside as an id; `undefined` when it has no id's form, and so names nothing. */
export function parseId<Id extends Brand<string, string>>(text: string): Id | undefined {
  return UUID.test(text) ? (branded<Brand<string, string>>(text) as Id) : undefined;
}
