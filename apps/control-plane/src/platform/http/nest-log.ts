import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own messages, below what an operator wants to see on a normal start. */
export function nestLog(log: Logger): LoggerService {
  const child = log.child({ part: 'nest' });
  return {
    log: (message: unknown) => child.debug({ event: 'nest' }, String(message)),
    warn: (message: unknown) => child.warn({ event: 'nest' }, String(message)),
    error: (message: unknown) => child.error({ event: 'nest' }, String(message)),
  };
}
