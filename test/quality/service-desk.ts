import { createServer } from 'node:http';

/** A service that a test run brings up when the first test asks for it. */
export interface BroughtUp {
  /** Its address, as the variable that would name another one takes it. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Where tests ask for services. */
export interface ServiceDesk {
  readonly url: string;
  /** Stops what was brought up. */
  close(): Promise<void>;
}

/**
 * Answers `GET /<service>` with the service's address, on loopback. Each is brought up once a run, when it is first asked for; a service
 * that cannot be had is answered with the sentence that says what to install, every time.
 */
export async function openServiceDesk(services: Readonly<Record<string, () => Promise<BroughtUp>>>): Promise<ServiceDesk> {
  const asked = new Map<string, Promise<BroughtUp>>();
  const ask = (name: string): Promise<BroughtUp> => {
    const bringUp = services[name];
    const service = asked.get(name) ?? bringUp?.() ?? Promise.reject(new Error(`no service ${name}`));
    asked.set(name, service);
    return service;
  };
  const server = createServer((request, response) => {
    ask((request.url ?? '/').slice(1)).then(
      ({ address }) => response.end(address),
      (cause: unknown) => response.writeHead(503).end(cause instanceof Error ? cause.message : String(cause)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the desk has no port');
  return {
    url: `http://127.0.0.1:${at.port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      const running = await Promise.allSettled(asked.values());
      await Promise.all(running.map((service) => (service.status === 'fulfilled' ? service.value.stop() : undefined)));
    },
  };
}
