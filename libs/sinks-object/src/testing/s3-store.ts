import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server } from 'node:http';

interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
  readonly httpServer: Server;
}
type S3rverClass = new (options: Readonly<Record<string, unknown>>) => S3rver;

/** A real S3-compatible server on loopback, with one bucket. */
export interface S3Store {
  readonly endpoint: string;
  readonly port: number;
  readonly bucket: string;
  /** Keys of all objects, sorted. */
  keys(): Promise<readonly string[]>;
  read(key: string): Promise<Buffer>;
  /** Takes every object away. */
  empty(): Promise<void>;
  readonly server: Server;
  stop(): Promise<void>;
}

/** The account that the server knows. */
export const S3_ACCOUNT = { access_key_id: 'S3RVER', secret_access_key: 'S3RVER' } as const;

/** Starts it with an empty folder of its own. @param port 0: any. */
export async function startS3Store(port = 0, folder = mkdtempSync(join(tmpdir(), 'sallyport-s3-'))): Promise<S3Store> {
  const Server = createRequire(import.meta.url)('s3rver') as S3rverClass;
  const bucket = 'audit';
  const server = new Server({ address: '127.0.0.1', port, silent: true, serviceEndpoint: 'localhost', directory: folder, vhostBuckets: true, configureBuckets: [{ name: bucket, configs: [] }] });
  const at = await server.run();
  const { store } = server as unknown as { readonly store: S3rverStore };
  return {
    endpoint: `http://127.0.0.1:${at.port}`,
    port: at.port,
    bucket,
    server: server.httpServer,
    keys: async () => (await store.listObjects(bucket, { maxKeys: 1_000 })).objects.map(({ key }) => key).sort(),
    read: async (key) => bytesOf((await store.getObject(bucket, key)).content),
    empty: async () => {
      for (const { key } of (await store.listObjects(bucket, { maxKeys: 1_000 })).objects) await store.deleteObject(bucket, key);
    },
    stop: async () => {
      server.httpServer.closeAllConnections();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface S3rverStore {
  listObjects(bucket: string, options: { readonly maxKeys: number }): Promise<{ readonly objects: readonly { readonly key: string }[] }>;
  deleteObject(bucket: string, key: string): Promise<void>;
  getObject(bucket: string, key: string): Promise<{ readonly content: AsyncIterable<Buffer> }>;
}

async function bytesOf(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
