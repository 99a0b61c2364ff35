import type { EventEmitter } from 'node:events';

import type { Logger } from 'pino';

/**
 * Logs the runtime's warnings (too many listeners, a deprecation) as a line like every other, in place of the text that Node prints, until
 * it is disposed of.
 *
 * @param warned `process`, or what stands in for it.
 */
export function logWarnings(warned: EventEmitter, log: Logger): { dispose(): void } {
  const printers = warned.rawListeners('warning') as ((warning: Error) => void)[];
  const tell = (warning: Error): void => log.warn({ err: warning, event: 'runtime.warning' }, `the runtime warns: ${warning.message}`);
  warned.removeAllListeners('warning').on('warning', tell);
  return {
    dispose: () => {
      warned.off('warning', tell);
      for (const printer of printers) warned.on('warning', printer);
    },
  };
}
