import { pino, type Logger } from 'pino';

import type { ServiceConfig } from './config/service-config.js';

/** A process's log: one JSON object a line on stderr, written at once, so that the last line before a crash is there. */
export function openLogger(level: ServiceConfig['logLevel']): Logger {
  return pino({ level }, pino.destination({ fd: 2, sync: true }));
}
