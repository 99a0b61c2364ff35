import type { Logger } from 'pino';

import type { StartReporter } from './output/start-reporter.js';

/**
 * Says that PostgreSQL's data is not in the data folder but in `movedTo`: to whoever watches the start, and to the log, because a
 * script's reporter has no sentences and whoever backs the folder up has to know.
 */
export function tellMovedData(dataFolder: string, movedTo: string, { reporter, log }: { readonly reporter: Pick<StartReporter, 'step'>; readonly log: Pick<Logger, 'warn'> }): void {
  const sentence = `PostgreSQL must not run as root and other users may not enter ${dataFolder}, so its data lives in ${movedTo}`;
  reporter.step(sentence);
  log.warn({ dataFolder, movedTo }, sentence);
}
