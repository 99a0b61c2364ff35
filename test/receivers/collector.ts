import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ChildService, freePorts } from '@sallyport/services-local';

import { goBinary } from './cached-build.js';

const START_MS = 30_000;

/** A record as the collector understood it. */
export interface CollectedRecord {
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string; readonly intValue?: string } }[];
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
}

/** A real OpenTelemetry collector: OTLP in, over HTTP and gRPC, a file out. */
export interface RunningCollector {
  readonly http: string;
  readonly grpc: string;
  /** Every record so far, in order of arrival. */
  records(): readonly CollectedRecord[];
  stop(): Promise<void>;
}

/** Builds it once, starts it on loopback, and resolves when it takes connections. */
export async function startCollector(): Promise<RunningCollector> {
  const binary = await goBinary(fileURLToPath(new URL('./collector', import.meta.url)));
  const [http = 0, grpc = 0] = await freePorts(2);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-collector-'));
  const file = join(folder, 'lines.ndjson');
  const service = ChildService.start('the OpenTelemetry collector', [binary, '--config', `yaml:${JSON.stringify(configuration(http, grpc, file))}`], { cwd: folder });
  await service.untilAnswering(() => answers(http), START_MS);
  const stop = async (): Promise<void> => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { http: `http://127.0.0.1:${http}`, grpc: `http://127.0.0.1:${grpc}`, records: () => recordsIn(file), stop };
}

function configuration(http: number, grpc: number, path: string): object {
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${http}` }, grpc: { endpoint: `127.0.0.1:${grpc}` } } } },
    exporters: { lines: { path } },
    service: { pipelines: { logs: { receivers: ['otlp'], exporters: ['lines'] } }, telemetry: { metrics: { level: 'none' } } },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).ok;
  } catch {
    return false; // not up yet
  }
}

interface Request {
  readonly resourceLogs?: readonly { readonly scopeLogs?: readonly { readonly logRecords?: readonly CollectedRecord[] }[] }[];
}

function recordsIn(file: string): readonly CollectedRecord[] {
  if (!existsSync(file)) return [];
  const requests = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Request);
  return requests.flatMap(({ resourceLogs = [] }) => resourceLogs.flatMap(({ scopeLogs = [] }) => scopeLogs.flatMap(({ logRecords = [] }) => logRecords)));
}
