import type { StartFlags } from '@sallyport/cli';
import { isFault } from '@sallyport/kernel';
import { pino } from 'pino';

import { startConfig, type StartConfig } from './config/start-config.js';
import { jsonReporter } from './output/json-reporter.js';
import { terminalReporter } from './output/terminal-reporter.js';
import { listenForStop } from './shutdown.js';
import { startDeployment } from './start-deployment.js';

/** What has to end by itself is given so long, milliseconds. */
const GRACE_MS = 500;

/** Runs the embedded deployment on this process until it is told to stop. Resolves with the exit code; prints what went wrong. */
export async function runStart(flags: StartFlags): Promise<number> {
  const beganMs = performance.now();
  const config = startConfig(flags, process.env);
  if (!config.ok) {
    for (const problem of config.refusal) complain(problem, flags.json ?? false);
    return 2;
  }
  return runUntilStopped(config.value, beganMs);
}

async function runUntilStopped(config: StartConfig, beganMs: number): Promise<number> {
  const log = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true }));
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const write = (text: string): void => void process.stdout.write(text);
  const reporter = config.json ? jsonReporter(write) : terminalReporter(write, colour);
  const stop = listenForStop(process, () => performance.now(), () => process.exit(1));
  let ended: (error: unknown) => void = () => undefined;
  const broken = new Promise<unknown>((resolve) => {
    ended = resolve;
  });
  try {
    const deployment = await startDeployment(config, { reporter, log, fatal: ended, beganMs });
    const end = await Promise.race([stop.asked.then(() => null), broken.then((error) => ({ error }))]);
    if (end !== null) return await giveUp(end.error, deployment.stop, config.json);
    reporter.stopping('Stopping: finishing calls in flight');
    await deployment.stop();
    return 0;
  } catch (caught) {
    complain(sentenceOf(caught), config.json);
    if (!isFault(caught)) log.error({ err: caught }, 'start failed');
    setTimeout(() => process.exit(1), GRACE_MS).unref(); // only where something that did not stop keeps the process alive
    return 1;
  } finally {
    stop.dispose();
  }
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
