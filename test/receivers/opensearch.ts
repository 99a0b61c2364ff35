import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ChildService, freePorts, mavenJars } from '@sallyport/services-local';

const START_MS = 180_000;
const FOLDER = fileURLToPath(new URL('./opensearch', import.meta.url));

/** A real OpenSearch of one node. */
export interface RunningOpensearch {
  readonly origin: string;
  /** Asks its REST interface; the answer's JSON. */
  ask(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }>;
  stop(): Promise<void>;
}

/** Copies its jars once, starts it on loopback, and resolves when its cluster is there. */
export async function startOpensearch(): Promise<RunningOpensearch> {
  const jars = await mavenJars('opensearch', 'install Maven and Java 17', join(FOLDER, 'pom.xml'));
  const [port = 0] = await freePorts(1);
  const data = mkdtempSync(join(tmpdir(), 'sallyport-opensearch-'));
  const java = ['java', '-Xms256m', '-Xmx512m', '-cp', `${jars}/*`, join(FOLDER, 'OneNode.java'), data, String(port)] as const;
  const service = ChildService.start('OpenSearch (Java 17 is needed)', java, { cwd: data });
  const origin = `http://127.0.0.1:${port}`;
  const ask: RunningOpensearch['ask'] = async (method, path, body) => {
    const answer = await fetch(`${origin}${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: answer.status, json: (await answer.json()) as Readonly<Record<string, unknown>> };
  };
  await service.untilAnswering(async () => (await ask('GET', '/_cluster/health?wait_for_status=yellow&timeout=1s').catch(() => null))?.status === 200, START_MS);
  const stop = async (): Promise<void> => {
    await service.stop();
    rmSync(data, { recursive: true, force: true });
  };
  return { origin, ask, stop };
}
