import { newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { ManualScheduler } from '@sallyport/kernel/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';

import type { Expiring } from './expiring.js';
import { ExpirySweep, SWEEP_INTERVAL_MS } from './expiry-sweep.js';

const [acme, other] = [newOrganisationId(), newOrganisationId()];
const kind = (change: string): Expiring => ({ change, overdue: async () => [], expire: async () => undefined });

/** A sweep over two organisations and two kinds; `run` stands for the command. */
function aSweep(run: (organisationId: OrganisationId, expiring: Expiring) => Promise<void>) {
  const [scheduler, lines]: [ManualScheduler, string[]] = [new ManualScheduler(), []];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const heads = async () => new Map([acme, other].map((id) => [id, branded<Revision>(1)]));
  const sweep = new ExpirySweep({ run }, [kind('expireGrants'), kind('expireReveals')], { heads }, log, scheduler);
  sweep.onApplicationBootstrap();
  const next = async (): Promise<void> => {
    scheduler.advance(SWEEP_INTERVAL_MS);
    await expect.poll(() => scheduler.delaysMs).toEqual([SWEEP_INTERVAL_MS]);
  };
  return { sweep, lines, scheduler, next };
}

describe('the sweep over what has expired', () => {
  it('looks at every kind in every organisation, each minute', async () => {
    const asked: string[] = [];
    const { sweep, next } = aSweep(async (id, { change }) => void asked.push(`${id} ${change}`));
    const each = [acme, other].flatMap((id) => [`${id} expireGrants`, `${id} expireReveals`]);
    await next();
    expect(asked).toEqual(each);
    await next();
    expect(asked).toEqual([...each, ...each]);
    await sweep.onModuleDestroy();
  });

  it('goes on with the next kind and the next organisation where one fails, says so, and tries again', async () => {
    const asked: string[] = [];
    const { sweep, lines, next } = aSweep(async (id, { change }) => {
      asked.push(change);
      if (id === acme && change === 'expireGrants') throw new Error('the row is gone');
    });
    await next();
    expect([asked.length, lines.length]).toEqual([4, 1]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'expiry.failed', change: 'expireGrants', err: { message: 'the row is gone' } });
    await next();
    expect(asked).toHaveLength(8);
    await sweep.onModuleDestroy();
  });

  it('ends after the change under way when it is stopped', async () => {
    const asked: string[] = [];
    let finish = (): void => undefined;
    const { sweep, scheduler } = aSweep(async (_id, { change }) => {
      asked.push(change);
      await new Promise<void>((resolve) => (finish = resolve));
    });
    scheduler.advance(SWEEP_INTERVAL_MS);
    await expect.poll(() => asked).toEqual(['expireGrants']);
    const stopped = sweep.onModuleDestroy();
    finish();
    await stopped;
    expect([asked, scheduler.delaysMs]).toEqual([['expireGrants'], []]);
  });
});
