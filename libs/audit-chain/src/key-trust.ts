import { openKeyAnnouncement } from './key-announcement.js';
import type { ReadEvent } from './read-event.js';
import { parseNote, type VerifySignature } from './signed-note.js';
import type { Sha256 } from './tree-hash.js';
import { parseVerifierKey, verifierKeyText, type VerifierKey } from './verifier-key.js';

/** A key that the log itself announced, by one that was trusted. */
export interface AnnouncedKey {
  readonly seq: number;
  readonly keyEpoch: number;
  readonly vkey: string;
}

/** The keys that are trusted: those given, and those announced since by one of them. */
export class KeyTrust {
  private readonly trusted: VerifierKey[];
  private readonly epochs = new Set<number>();
  private current: number | undefined;
  /** In the order of the log. */
  readonly announced: AnnouncedKey[] = [];

  constructor(given: readonly VerifierKey[], private readonly parts: { readonly sha256: Sha256; readonly verify: VerifySignature }) {
    this.trusted = [...given];
  }

  /** All keys that are trusted by now. */
  get keys(): readonly VerifierKey[] {
    return this.trusted;
  }

  /** Whether all events so far are of the first key epoch and none announces a key. */
  get isOfFirstKey(): boolean {
    return this.current === 1 && this.epochs.size === 0;
  }

  /** Takes an event's announcement and its epoch. Answers what is wrong with them, in a sentence. */
  take(event: ReadEvent): string | undefined {
    const refused = this.trusted.length === 0 || event.announced === undefined ? undefined : this.announce(event, event.announced);
    if (event.announced !== undefined) this.epochs.add(event.announced.keyEpoch);
    return refused ?? this.enter(event.keyEpoch);
  }

  private announce(event: ReadEvent, announced: { readonly keyEpoch: number; readonly note: string }): string | undefined {
    const opened = openKeyAnnouncement(announced.note, this.trusted, this.parts);
    if (!opened.ok) return this.isTrustedAlready(announced.note) ? undefined : 'a signing key is announced without the signature of a key that is trusted';
    const { keyEpoch, key } = opened.value;
    if (keyEpoch !== announced.keyEpoch) return 'the announcement of a signing key is signed for another epoch';
    if (!this.trusted.some(({ name, keyHash }) => name === key.name && keyHash === key.keyHash)) this.trusted.push(key);
    this.announced.push({ seq: event.seq, keyEpoch, vkey: verifierKeyText(key) });
    return undefined;
  }

  /** Whoever was given the later key alone needs no announcement of it. */
  private isTrustedAlready(written: string): boolean {
    const note = parseNote(written);
    const key = note.ok ? parseVerifierKey(note.value.text.split('\n')[2] ?? '', this.parts.sha256) : note;
    return key.ok && this.trusted.some(({ name, keyHash }) => name === key.value.name && keyHash === key.value.keyHash);
  }

  private enter(keyEpoch: number): string | undefined {
    const before = this.current ?? keyEpoch;
    this.current = keyEpoch;
    if (keyEpoch < before) return 'the key epoch went back';
    return keyEpoch > before && !this.epochs.has(keyEpoch) ? 'the key epoch is one that no event announced' : undefined;
  }
}
