import type { MalformedReason } from './frame.js';
import { foldKey, isCaseVariant } from './key-fold.js';

/** Objects with more keys look duplicates up in a set instead of comparing with each earlier key. */
const NARROW_KEYS = 12;

/** The keys of every object that is open while a message is read, innermost last, and the rules they obey. */
export class KeyLedger {
  private readonly keys: string[] = [];
  private top = 0;
  /** The object at depth d owns the entries from `bases[d]`. */
  private readonly bases: number[] = [0, 0, 0, 0, 0, 0];
  /** Of wide objects alone; most messages have none. */
  private readonly wide: (Set<string> | undefined)[] = [];
  /** Depth of the object whose key read last was `constructor`, else −1. */
  private constructorAt = -1;
  private readonly underConstructor: boolean[] = [];

  constructor(private keysLeft: number) {}

  /** How many keys more the message may have. */
  get left(): number {
    return this.keysLeft;
  }

  /** Counts keys that need no look. */
  spend(keys: number): void {
    this.keysLeft -= keys;
  }

  open(depth: number): void {
    this.bases[depth] = this.top;
    if (depth < this.wide.length) this.wide[depth] = undefined;
    const isUnderConstructor = this.constructorAt === depth - 1 && depth > 1;
    if (isUnderConstructor || depth < this.underConstructor.length) this.underConstructor[depth] = isUnderConstructor;
  }

  /** An array's next item begins: it is not what a key `constructor` holds. */
  enterItem(): void {
    this.constructorAt = -1;
  }

  close(depth: number): void {
    this.top = this.bases[depth] as number;
  }

  isEmpty(depth: number): boolean {
    return this.top === this.bases[depth];
  }

  /**
   * Adds a key that the object at `depth` names, unescaped, or says why it may not be there. A `guarded` object belongs to the envelope: no
   * escapes, no case variants.
   */
  claim(key: string, depth: number, guarded: boolean, escaped: boolean): MalformedReason | undefined {
    if (this.keysLeft === 0) return 'too_many_keys';
    this.keysLeft -= 1;
    if (escaped && guarded) return 'escaped_key';
    if (escaped && key.includes('\0')) return 'nul_character';
    if (key.length === 9 && (key === '__proto__' || (key === 'prototype' && this.underConstructor[depth] === true))) return 'forbidden_key';
    this.constructorAt = key === 'constructor' ? depth : -1;
    const base = this.bases[depth] as number;
    const fault = this.top - base > NARROW_KEYS ? this.wideFault(key, depth, guarded) : this.narrowFault(key, base, guarded);
    this.keys[this.top] = key;
    this.top += 1;
    return fault;
  }

  private narrowFault(key: string, base: number, guarded: boolean): MalformedReason | undefined {
    for (let index = base; index < this.top; index += 1) {
      const other = this.keys[index] as string;
      if (other === key) return 'duplicate_key';
      if (guarded && isCaseVariant(other, key)) return 'key_variant';
    }
    return undefined;
  }

  private wideFault(key: string, depth: number, guarded: boolean): MalformedReason | undefined {
    const compared = guarded ? foldKey(key) : key;
    let set = this.wide[depth];
    if (set === undefined) {
      const earlier = this.keys.slice(this.bases[depth], this.top);
      set = new Set(guarded ? earlier.map(foldKey) : earlier);
      this.wide[depth] = set;
    }
    if (set.has(compared)) return this.keys.slice(this.bases[depth], this.top).includes(key) ? 'duplicate_key' : 'key_variant';
    set.add(compared);
    return undefined;
  }
}
