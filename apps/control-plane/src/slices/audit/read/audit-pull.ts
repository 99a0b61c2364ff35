import { Inject, Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';
import type { EntityManager } from 'typeorm';

import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { readCheckpoint } from '../sign/checkpoint-store.js';
import { readHead } from '../store/audit-head.js';
import { checkpointToGraphql } from './checkpoint-to-graphql.js';

/** Most events of one answer. */
export const LARGEST_PULL = 1_000;

/** An answer ends before its lines come to more than this, octets; a single event is answered whatever it has. */
const PULL_BYTES = 8_000_000;

/** From where on events are asked for. */
export interface AuditPullPlace {
  readonly afterSeq: number;
  readonly first?: number | null;
}

interface PulledRow {
  /** PostgreSQL's bigint comes as text. */
  readonly seq: string;
  readonly line: string;
}

/** Reads a stream onwards from a cursor that the reader keeps: in order, without a gap that is not told. */
@Injectable()
export class AuditPull {
  constructor(@Inject(OrganisationReader) private readonly reader: OrganisationReader) {}

  /** The events after a place. @throws {GraphQLError} `bad_input` for a place or a number of events that cannot be. */
  run(organisationId: OrganisationId, { afterSeq, first }: AuditPullPlace) {
    const limit = first ?? LARGEST_PULL;
    if (!Number.isSafeInteger(afterSeq) || afterSeq < 0) throw badInput('`afterSeq` is a whole number, 0 for the beginning.');
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > LARGEST_PULL) throw badInput(`\`first\` is a whole number from 1 to ${LARGEST_PULL}.`);
    return this.reader.read(organisationId, async (manager) => {
      const rows = await rowsAfter(manager, organisationId, { afterSeq, limit });
      // Read after the events: what retention had removed by then, it had announced in the head before.
      const head = await readHead(manager, organisationId);
      const kept = await readCheckpoint(manager, organisationId);
      return { ...answerOf(rows, afterSeq, head?.oldestSeq ?? 1), newestSeq: head?.size ?? 0, checkpoint: kept === undefined ? null : checkpointToGraphql(kept) };
    });
  }
}

/** What is being removed while it is read counts as removed. */
function answerOf(rows: readonly PulledRow[], afterSeq: number, oldestSeq: number) {
  const left = rows.filter((row) => Number(row.seq) >= oldestSeq);
  const gap = oldestSeq > afterSeq + 1 ? { fromSeq: afterSeq + 1, toSeq: oldestSeq - 1 } : null;
  return { lines: left.map(({ line }) => line), lastSeq: Number(left.at(-1)?.seq ?? Math.max(afterSeq, oldestSeq - 1)), gap };
}

/** Octets are counted in the database, so that no more than the bound travels. */
function rowsAfter(manager: EntityManager, organisationId: OrganisationId, { afterSeq, limit }: { readonly afterSeq: number; readonly limit: number }): Promise<PulledRow[]> {
  return manager.query<PulledRow[]>(
    `SELECT seq, line FROM (
       SELECT seq, line, sum(octet_length(line)) OVER (ORDER BY seq) AS octets, row_number() OVER (ORDER BY seq) AS n
       FROM (SELECT seq, line FROM audit_events WHERE organisation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS page
     ) AS counted WHERE octets <= $4 OR n = 1 ORDER BY seq`,
    [organisationId, afterSeq, limit, PULL_BYTES],
  );
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'bad_input' } });
}
