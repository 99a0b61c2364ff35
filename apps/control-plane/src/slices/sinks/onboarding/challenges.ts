import { randomInt } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Sha256Hex } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';

import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import type { SinkRow } from '../read/sink-row.entity.js';

/** A code is good for this long, milliseconds: as long as a slow receiver may take to show an event. */
export const CODE_LIFE_MS = 24 * 3_600_000;
/** So many wrong codes are one guess too many: another code has to be sent. */
export const MOST_ATTEMPTS = 5;
/** Between two events or challenges that are sent to a receiver nobody has confirmed, milliseconds. */
export const BETWEEN_TRIALS_MS = 2_000;

/** Letters and digits that nobody takes for another. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const CODE_LENGTH = 8;

/** Which sink, and what it sends where: a code holds for that and nothing else. */
export type ChallengedSink = Pick<SinkRow, 'organisationId' | 'sinkId' | 'settings' | 'credentialSeals'>;

/** Keeps the codes that test events carry, as keyed digests, and counts who guesses. */
@Injectable()
export class Challenges {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.hashes) private readonly hashes: KeyedHashes,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Notes that something is being sent to a receiver; false when something was just before. */
  mayTry({ organisationId, sinkId }: ChallengedSink): Promise<boolean> {
    const now = this.clock.now();
    return this.reader.read(organisationId, async (rows) => {
      const [noted] = await rows.query<{ noted: boolean }[]>(
        `INSERT INTO sink_challenges AS known (organisation_id, sink_id, sent_at, attempts) VALUES ($1, $2, $3, 0)
         ON CONFLICT (organisation_id, sink_id) DO UPDATE SET sent_at = excluded.sent_at WHERE known.sent_at <= $4 OR known.sent_at > excluded.sent_at
         RETURNING true AS noted`,
        [organisationId, sinkId, new Date(now).toISOString(), new Date(now - BETWEEN_TRIALS_MS).toISOString()],
      );
      return noted !== undefined;
    });
  }

  /** A new code in place of any before. `mayTry` came first. */
  newCode(sink: ChallengedSink): Promise<string> {
    const code = Array.from({ length: CODE_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
    return this.reader.read(sink.organisationId, async (rows) => {
      await rows.query('UPDATE sink_challenges SET code_digest = $3, code_at = $4, attempts = 0 WHERE organisation_id = $1 AND sink_id = $2', [
        sink.organisationId,
        sink.sinkId,
        this.digestOf(sink, code),
        new Date(this.clock.now()).toISOString(),
      ]);
      return `${code.slice(0, CODE_LENGTH / 2)}-${code.slice(CODE_LENGTH / 2)}`;
    });
  }

  /** Whether a code is the one that was sent there. Every question counts, and after `MOST_ATTEMPTS` none is right any more. */
  isRight(sink: ChallengedSink, code: string): Promise<boolean> {
    return this.reader.read(sink.organisationId, async (rows) => {
      const [asked] = await rows.query<[{ code_digest: string | null; attempts: number; code_at: Date | null }[], number]>(
        'UPDATE sink_challenges SET attempts = attempts + 1 WHERE organisation_id = $1 AND sink_id = $2 RETURNING code_digest, attempts, code_at',
        [sink.organisationId, sink.sinkId],
      );
      const [row] = asked;
      if (row === undefined || row.code_at === null || row.attempts > MOST_ATTEMPTS) return false;
      const isFresh = this.clock.now() - row.code_at.getTime() <= CODE_LIFE_MS;
      return isFresh && row.code_digest === this.digestOf(sink, code.toUpperCase().replace(/[\s-]/g, ''));
    });
  }

  private digestOf({ organisationId, sinkId, settings, credentialSeals }: ChallengedSink, code: string): Sha256Hex {
    return this.hashes.digest(organisationId, JSON.stringify(['sink code', sinkId, settings, credentialSeals, code]));
  }
}
