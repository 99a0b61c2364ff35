import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Fastify for Nest that does not say back which address was asked for and is not there: it may hold what was meant for another place. */
export class SilentAdapter extends FastifyAdapter {
  /** In the place of Nest's own handler. */
  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.getInstance().setNotFoundHandler((_request, reply) => void reply.code(404).send({ error: 'not found' }));
  }
}
