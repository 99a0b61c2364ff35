import { createHash } from 'node:crypto';

/** A Lua script and the digest by which Redis knows it once it has seen it. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/** Prepares a script. */
export function script(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}
