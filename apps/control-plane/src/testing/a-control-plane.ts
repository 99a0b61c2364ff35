import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FakeClock } from '@sallyport/kernel/testing';
import { parseOperatorFile } from '@sallyport/operator-file';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import { testDatabase, type TestDatabase } from '@sallyport/test-support';
import { pino } from 'pino';

import { buildControlPlane } from '../build-control-plane.js';
import type { CommonParts, ControlPlane } from '../control-plane.js';
import type { ControlPlaneStream } from '../platform/stream/control-plane-stream.js';
import { FileHeadMemory } from '../slices/audit/sign/file-head-memory.js';
import { QuietBoard } from './quiet-board.js';

/** A control plane on a database of its own, listening on loopback. */
export interface TestControlPlane {
  readonly plane: ControlPlane;
  readonly database: TestDatabase;
  readonly clock: FakeClock;
  readonly board: QuietBoard;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Where the keys of audit streams and the heads that were signed are. */
  readonly dataFolder: string;
  /** Lines of the log, as JSON text. */
  readonly logLines: readonly string[];
  /** The operator's token of the first organisation. */
  readonly operatorToken: string;
  /** Asks GraphQL. */
  ask(query: string, options?: AskOptions): Promise<Asked>;
  close(): Promise<void>;
}

/** How to ask: `token` is the operator's when left out, none when null. */
export interface AskOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly token?: string | null;
  /** Header `Sallyport-Organisation`. */
  readonly organisation?: string;
}

/** An answer. Fields of `data` are read loosely: tests say what they expect of them. */
export interface Asked {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

/** Starts one, with its first run done. `change` replaces parts; with a stream its workers are elsewhere, and `board` is nobody's. */
export async function aControlPlane({ stream, ...change }: Partial<CommonParts> & { readonly stream?: ControlPlaneStream } = {}): Promise<TestControlPlane> {
  const database = await testDatabase();
  const clock = new FakeClock(Date.parse('2026-11-21T09:00:00.000Z'));
  const board = new QuietBoard();
  const root = RootKey.parse('ab'.repeat(32));
  const logLines: string[] = [];
  const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-control-plane-'));
  const server = createServer();
  const plane = await buildControlPlane({
    databaseUrl: database.url,
    secretBox: new AesSecretBox(root),
    hashes: new HmacKeyedHashes(root),
    auditSigning: { keys: openAuditKeys(dataFolder), heads: new FileHeadMemory(dataFolder) },
    operatorFile: emptyOperatorFile(),
    ...(stream === undefined ? { board } : { stream }),
    clock,
    log: pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) }),
    server,
    explorer: false,
    gatewayUrl: 'http://127.0.0.1:7400',
    inspect: async () => ({ ok: false, refusal: { code: 'not_started', message: 'no upstream in this test' } }),
    ...change,
  });
  server.on('request', plane.handler);
  const url = await listening(server);
  const first = await plane.bootstrap.firstRun();
  if (first === null) throw new Error('the database was not empty');
  return {
    plane, database, clock, board, url, logLines, dataFolder,
    operatorToken: first.token,
    ask: (query, options = {}) => ask(url, query, { token: first.token, ...options }),
    async close() {
      await plane.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.drop();
      rmSync(dataFolder, { recursive: true });
    },
  };
}

async function ask(url: string, query: string, options: AskOptions): Promise<Asked> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (typeof options.token === 'string') headers['authorization'] = `Bearer ${options.token}`;
  if (options.organisation !== undefined) headers['sallyport-organisation'] = options.organisation;
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables: options.variables }) });
  const body = (await response.json()) as Partial<Asked>;
  return { status: response.status, data: body.data ?? null, errors: body.errors ?? [] };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function emptyOperatorFile() {
  const parsed = parseOperatorFile('');
  if (!parsed.ok) throw new Error('an empty operator file is refused');
  return parsed.value;
}

