import { isFault } from '@sallyport/kernel';
import type { Logger } from 'pino';

import type { ServiceConfig } from './config/service-config.js';
import { logWarnings } from './log-warnings.js';
import { openLogger } from './logger.js';
import { listenForStop } from './stop-signals.js';

/** What a service is given to start with. */
export interface ServiceSurroundings {
  readonly log: Logger;
  /** Told once when the process cannot go on. */
  readonly fatal: (error: unknown) => void;
}

/** A long-running process as its parts see it. */
export interface Service {
  readonly config: Pick<ServiceConfig, 'json' | 'logLevel'>;
  /** Brings it up. When it throws, nothing is left running. The answer's `stop` undoes it. */
  start(surroundings: ServiceSurroundings): Promise<{ stop(): Promise<void> }>;
  /** Told when a stop was asked for, before it begins. */
  stopping?(): void;
  /** Asks for a stop besides SIGTERM and SIGINT; see `untilInputEnds`. */
  readonly alsoStopsWhen?: Promise<unknown>;
}

/** What has to end by itself is given so long, milliseconds. */
const GRACE_MS = 500;

/** A start that is under way when a stop is asked for is given so long to come to its end, milliseconds. */
const START_GRACE_MS = 10_000;

/**
 * Runs a service on this process until it is told to stop: by SIGTERM, SIGINT, `alsoStopsWhen`, or a part that cannot go on.
 * A stop that comes during the start waits for the start, at most 10 s.
 *
 * @returns the exit code: 0 after a stop that was asked for, 1 otherwise, having printed why to stderr.
 */
export async function runService(service: Service): Promise<number> {
  const { json } = service.config;
  const log = openLogger(service.config.logLevel);
  const warnings = logWarnings(process, log);
  const stop = listenForStop(process, () => performance.now(), () => process.exit(1));
  let ended: (error: unknown) => void = () => undefined;
  const broken = new Promise<{ readonly error: unknown }>((resolve) => {
    ended = (error) => resolve({ error });
  });
  try {
    const asked = Promise.race([stop.asked, ...(service.alsoStopsWhen === undefined ? [] : [service.alsoStopsWhen])]).then(() => null);
    const running = await startWithin(service.start({ log, fatal: ended }), asked);
    const end = await Promise.race([asked, broken]);
    if (end !== null) return await giveUp(end.error, () => running.stop(), json);
    service.stopping?.();
    await running.stop();
    return 0;
  } catch (caught) {
    complain(sentenceOf(caught), json);
    if (!isFault(caught)) log.error({ err: caught }, 'start failed');
    setTimeout(() => process.exit(1), GRACE_MS).unref(); // only where something that did not stop keeps the process alive
    return 1;
  } finally {
    stop.dispose();
    warnings.dispose();
  }
}

/** Waits for a start; one that is asked to stop and does not come to its end is ended with the process. */
async function startWithin<Running>(starting: Promise<Running>, asked: Promise<null>): Promise<Running> {
  const first = await Promise.race([asked, starting.then(() => undefined)]);
  if (first === undefined) return starting;
  const late = setTimeout(() => process.exit(1), START_GRACE_MS);
  return starting.finally(() => clearTimeout(late));
}

/** Prints every problem of a configuration, one sentence each; answers the exit code for wrong usage. */
export function complainOfUsage(problems: readonly string[], json: boolean): 2 {
  for (const problem of problems) complain(problem, json);
  return 2;
}

/** Resolves when nothing more can come over a stream: whoever held its other end is gone. What comes is thrown away. */
export function untilInputEnds(input: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => {
    input.once('end', resolve).once('close', resolve).once('error', () => resolve());
    input.resume();
  });
}

/** The process cannot go on: it says why, asks its parts to stop, and is gone within a second. */
async function giveUp(error: unknown, stop: () => Promise<void>, json: boolean): Promise<never> {
  complain(sentenceOf(error), json);
  setTimeout(() => process.exit(1), GRACE_MS);
  await stop().catch(() => undefined); // it is ending anyway, and has said why
  process.exit(1);
}

function sentenceOf(caught: unknown): string {
  return caught instanceof Error ? caught.message : String(caught);
}

function complain(sentence: string, json: boolean): void {
  process.stderr.write(json ? `${JSON.stringify({ error: { code: 'start.failed', message: sentence } })}\n` : `error: ${sentence}\n`);
}
