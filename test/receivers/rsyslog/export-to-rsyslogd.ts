import { branded, timerScheduler, type EpochMs } from '@sallyport/kernel';
import { SinkExporter, type ExportParts, type SinkConfiguration, type SinkPlan, type SinkType } from '@sallyport/sinks';
import { ExportWorld, InProcessReceiver, MemoryDeliveryStore } from '@sallyport/sinks/testing';
import { EgressGuard, guardedNetwork } from '@sallyport/upstream';

import type { Rsyslogd, RsyslogInput } from './start-rsyslogd.js';

/** The product's exporter on the platform's time, going out through the product's egress guard. */
export interface RunningExport {
  /** Adds events to the stream; answers their ids. */
  add(...wish: Parameters<ExportWorld['add']>): readonly string[];
  /** Where the cursor is, and how far was sent. */
  progress(): Promise<{ readonly cursor: number; readonly sent: number }>;
  /** The stream's lines. */
  lines(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Settings for a receiver of a test. */
export function configurationFor(input: RsyslogInput, receiver: Rsyslogd, over: Record<string, string | number> = {}): SinkConfiguration {
  const secure = input.endsWith('tls');
  const settings = { host: '127.0.0.1', port: receiver.port, transport: secure ? 'tls' : 'tcp', ...(secure ? { tls_ca: receiver.certificates.caPem } : {}), ...over };
  const { certPem, keyPem } = receiver.certificates;
  const credentials = input === 'relp+tls' ? { tls_client_cert: certPem, tls_client_key: keyPem } : {};
  return { settings, credentials, format: 'native', formatVersion: null };
}

/** Starts it. */
export function exporting(type: SinkType, configuration: SinkConfiguration): RunningExport {
  const world = new ExportWorld();
  const clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  const scheduler = timerScheduler({ setTimeout: (run, delayMs) => setTimeout(run, delayMs), clearTimeout: (handle: NodeJS.Timeout) => clearTimeout(handle) });
  const plan: SinkPlan = world.plan(new InProcessReceiver(), { type, configuration });
  const parts: ExportParts = { ...world.parts(), clock, scheduler, store: new MemoryDeliveryStore(clock), network: loopbackNetwork(), random: Math.random };
  const exporter = new SinkExporter(plan, parts, { holder: 'test/1', patienceMs: () => 0 });
  exporter.start();
  return {
    add: (...wish) => world.add(...wish),
    progress: async () => (await parts.store.load(plan)) ?? { cursor: 0, sent: 0 },
    lines: async () => (await world.source.read(plan.stream, 0, { maxEvents: 1_000_000, maxBytes: Infinity })).events.map(({ line }) => line),
    stop: () => exporter.stop(),
  };
}

/** The product's own way out, with loopback opened as an operator would. */
export function loopbackNetwork(): ReturnType<typeof guardedNetwork> {
  return guardedNetwork(new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] }), { organisationId: 'o1', organisationSlug: 'acme' });
}
