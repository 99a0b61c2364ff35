import { Inject, Injectable } from '@nestjs/common';
import { checkpointOrigin, encodeBase64, parseHex, signNote } from '@sallyport/audit-chain';
import { microTime } from '@sallyport/audit-event';
import type { Clock, OrganisationId } from '@sallyport/kernel';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { asAudit } from '../store/audit-role.js';
import { sha256 } from '../store/sha256.js';
import { AuditDeployment } from './audit-deployment.js';
import { SIGNING_PACE } from './due-streams.js';
import type { HeadMemory } from './head-memory.js';

/** The stream's place in the name that head lists are signed under. No stream has this name. */
const HEADS = '_heads';

/**
 * The head of heads: once an hour a note over all streams as they were signed last, so that one that was removed as a whole is missed.
 * Its text: the name, the time, then a line `origin size root` for each stream, by origin.
 */
@Injectable()
export class HeadList {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.auditHeads) private readonly memory: HeadMemory,
    @Inject(AuditDeployment) private readonly deployment: AuditDeployment,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Signs the list where the newest one is an hour old. One of a clock that was ahead does not count until its time has come. */
  async signWhereDue(): Promise<void> {
    const now = this.clock.now();
    const [newest] = await this.dataSource.query<{ signed_at: Date | null }[]>('SELECT max(signed_at) AS signed_at FROM audit_head_lists WHERE signed_at <= $1', [new Date(now).toISOString()]);
    if (newest?.signed_at !== null && newest?.signed_at !== undefined && newest.signed_at.getTime() + SIGNING_PACE.headListMs > now) return;
    const name = checkpointOrigin(await this.deployment.id(), HEADS);
    const lines = [...this.memory.origins()].sort().map((origin) => this.lineOf(origin));
    const note = signNote(`${name}\n${microTime(now)}\n${lines.join('')}`, this.deployment.signers(name), sha256);
    await this.dataSource.query('INSERT INTO audit_head_lists (signed_at, note) VALUES ($1, $2) ON CONFLICT DO NOTHING', [new Date(now).toISOString(), note]);
  }

  /** The newest list by now; `null` before the first. */
  async newest(): Promise<string | null> {
    const now = new Date(this.clock.now()).toISOString();
    const [row] = await this.dataSource.query<{ note: string }[]>('SELECT note FROM audit_head_lists WHERE signed_at <= $1 ORDER BY signed_at DESC LIMIT 1', [now]);
    return row?.note ?? null;
  }

  /** Origins of streams that this process signed and that are not there any more. */
  async missing(): Promise<readonly string[]> {
    const rows = await asAudit(this.dataSource, (manager) => manager.query<{ organisation_id: OrganisationId }[]>('SELECT organisation_id FROM audit_heads WHERE size > 0'));
    const present = new Set(await Promise.all(rows.map((row) => this.deployment.originOf(row.organisation_id))));
    return this.memory.origins().filter((origin) => !present.has(origin));
  }

  /** How many events of a stream were signed last, from here; 0 for one that never was. */
  signedSize(origin: string): number {
    return this.memory.recall(origin)?.size ?? 0;
  }

  private lineOf(origin: string): string {
    const head = this.memory.recall(origin);
    return `${origin} ${head?.size ?? 0} ${encodeBase64(parseHex(head?.root ?? '') ?? new Uint8Array())}\n`;
  }
}
