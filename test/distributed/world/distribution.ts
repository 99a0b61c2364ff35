import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { TOPIC } from '@sallyport/broker';
import { HmacRecordMac, RootKey } from '@sallyport/secrets-aes';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';

import { operatorFile } from '../../e2e/world/world.js';
import { Fleet } from './fleet.js';
import { Observer } from './observer.js';
import { OwnServices } from './own-services.js';
import { StatusRecorder } from './status-recorder.js';
import { WireAccess } from './wire-access.js';

/** A deployment on services that the test may break, with somebody who watches. */
export class Distribution {
  /** Whoever does things to it and keeps what came of them. */
  readonly seen: Observer;

  private constructor(
    readonly services: OwnServices,
    readonly upstream: HostileUpstream,
    readonly fleet: Fleet,
    readonly wire: WireAccess,
    readonly status: StatusRecorder,
  ) {
    this.seen = new Observer(fleet, status);
  }

  /** Starts everything, over one broker unless said, and waits until every worker has reported. */
  static async start({ brokers = 1, ...options }: { readonly workers: number; readonly brokers?: number }): Promise<Distribution> {
    const [services, upstream] = await Promise.all([OwnServices.start(brokers), hostileUpstream('honest')]);
    try {
      const fleet = await Fleet.start({ ...options, env: services.env, operatorFile: operatorFile() });
      const wire = new WireAccess(services.kafka.brokers);
      const status = new StatusRecorder(wire, new HmacRecordMac(RootKey.parse(readFileSync(join(fleet.world.dataFolder, 'root.key'), 'utf8'))));
      await status.until(fleet.workers.map(({ workerId }) => workerId), ({ state }) => state === 'ready');
      return new Distribution(services, upstream, fleet, wire, status);
    } catch (caught) {
      await Promise.all([services.end(), upstream.close()]);
      throw caught;
    }
  }

  get workerIds(): readonly string[] {
    return this.fleet.workers.map(({ workerId }) => workerId);
  }

  /** How many records of the stream a worker has refused so far for one reason. */
  refusedBy(workerId: string, code: string): number {
    return this.status.newest(workerId)?.refusedRecords.find((refused) => refused.code === code)?.count ?? 0;
  }

  /** Everything on the events' topic now. */
  events(): ReturnType<WireAccess['read']> {
    return this.wire.read(TOPIC.events);
  }

  /** Stops and removes everything. */
  async end(): Promise<void> {
    await this.status.close();
    await this.wire.close();
    await this.fleet.end();
    await Promise.all([this.services.end(), this.upstream.close()]);
  }
}
