import type { EventLog, Publications, WorkerStatusBoard } from '@sallyport/event-log';
import { PostgresOutbox, PostgresPublications } from '@sallyport/event-log-postgres';
import { Relay, StreamStatusBoard } from '@sallyport/event-stream';
import { type Clock, type Fault, type Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

import type { ControlPlaneMetrics } from '../telemetry/control-plane-metrics.js';
import type { ControlPlaneStream } from './control-plane-stream.js';
import { deniesAfter } from './denies-after.js';

/** What a stream is opened from. */
export interface OpenStreamParts {
  readonly stream: ControlPlaneStream;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  readonly metrics: ControlPlaneMetrics;
}

/** The control plane's part of the stream: what it publishes, and what it hears of workers. */
export interface OpenedStream {
  readonly relay: Relay;
  readonly publications: Publications;
  readonly board: WorkerStatusBoard & Pick<StreamStatusBoard, 'liveWorkers' | 'caughtUp'>;
  close(): Promise<void>;
}

/** Begins to publish, or to stand by, and to listen to workers. */
export function openStream(parts: OpenStreamParts): OpenedStream {
  const { stream, dataSource, databaseUrl, eventLog, clock, scheduler } = parts;
  const onFault = (fault: Fault): void => parts.log.warn({ event: 'stream.failed', code: fault.code, err: fault }, 'the stream to the workers is disturbed; trying again');
  const publications = new PostgresPublications({ dataSource, url: databaseUrl });
  const board = new StreamStatusBoard({ ...stream, clock, scheduler, publications, deniesAfterMs: deniesAfter(eventLog), onRefused: parts.metrics.workerRecordRefused, onFault });
  const relay = new Relay({
    ...stream,
    outbox: new PostgresOutbox({ url: databaseUrl }),
    log: eventLog,
    clock,
    scheduler,
    onFault,
    onLead: (leading) => {
      parts.metrics.relayLeads.set(leading ? 1 : 0);
      parts.log.info({ event: leading ? 'relay.leads' : 'relay.stands_by' }, leading ? 'this process publishes changes' : 'this process no longer publishes changes');
    },
  });
  board.onChange(() => parts.metrics.liveWorkers.set(board.liveWorkers()));
  return {
    relay,
    publications,
    board,
    close: async () => {
      await Promise.all([relay.close(), board.close(), publications.close()]);
    },
  };
}
