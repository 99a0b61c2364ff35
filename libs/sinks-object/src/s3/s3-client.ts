import { createHash } from 'node:crypto';

import { Sha256 } from '@aws-crypto/sha256-js';
import type { Clock } from '@sallyport/kernel';
import { unlessAborted, type GuardedNetwork, type NetworkRefusal, type TlsWish } from '@sallyport/sinks';
import { SignatureV4 } from '@smithy/signature-v4';
import { Pool, type buildConnector } from 'undici';

import type { ExportObject } from './export-object.js';
import { hostOf, pathOf, type S3Location } from './s3-location.js';

/** The keys of an account. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a client is made with. */
export interface S3ClientOptions {
  readonly location: S3Location;
  readonly region: string;
  readonly credentials: S3Credentials;
  readonly tls: TlsWish;
}

/** What the service answered. The body is cut at 64 KiB. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** Thrown by requests for which there was no connection. */
export class NoConnection extends Error {
  constructor(readonly refusal: NetworkRefusal) {
    super('there is no connection');
  }
}

/** Signed requests (AWS Signature Version 4) over connections of its own, all through the guarded network. Follows no redirect. */
export class S3Client {
  private readonly pool: Pool;
  private readonly closing = new AbortController();
  private readonly signer: SignatureV4;
  private readonly host: ReturnType<typeof hostOf>;

  constructor(
    private readonly options: S3ClientOptions,
    private readonly tools: { readonly network: GuardedNetwork; readonly clock: Clock },
  ) {
    this.host = hostOf(options.location);
    this.signer = new SignatureV4({ service: 's3', region: options.region, credentials: options.credentials, sha256: Sha256, uriEscapePath: false });
    const origin = `${this.host.secure ? 'https' : 'http'}://${this.host.header}`;
    this.pool = new Pool(origin, { connect: this.connect, connections: CONNECTIONS, pipelining: 1, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS });
  }

  /** Stores an object, with the checksum by which the service examines what it got. */
  async put(object: ExportObject, more: Readonly<Record<string, string>>, signal: AbortSignal): Promise<S3Answer> {
    const digest = createHash('sha256').update(object.body).digest();
    const headers = { ...more, 'content-type': object.contentType, 'content-length': String(object.body.byteLength), 'x-amz-checksum-sha256': digest.toString('base64') };
    return this.request({ method: 'PUT', key: object.key, headers, digest: digest.toString('hex'), body: object.body }, signal);
  }

  async get(key: string, signal: AbortSignal): Promise<S3Answer> {
    return this.request({ method: 'GET', key, headers: {}, digest: NOTHING_DIGEST, body: null }, signal);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.pool.destroy();
  }

  private async request(wanted: Wanted, signal: AbortSignal): Promise<S3Answer> {
    const path = pathOf(this.options.location, wanted.key);
    const signed = await this.signer.sign(
      {
        method: wanted.method,
        protocol: this.host.secure ? 'https:' : 'http:',
        hostname: this.host.hostname,
        path,
        headers: { ...wanted.headers, host: this.host.header, 'x-amz-content-sha256': wanted.digest },
      },
      { signingDate: new Date(this.tools.clock.now()) },
    );
    const request = this.pool.request({ method: wanted.method, path, headers: signed.headers, body: wanted.body, signal });
    // A pool that is still connecting does not hear the signal before it has.
    const answer = await unlessAborted(request, signal);
    return { status: answer.statusCode, headers: answer.headers, body: await someOf(answer.body) };
  }

  private readonly connect: buildConnector.connector = (_options, callback) => {
    const { hostname: host, port, secure } = this.host;
    const tls = secure ? { ...this.options.tls, alpn: ['http/1.1'] } : null;
    this.tools.network.connect({ host, port, tls }, AbortSignal.any([this.closing.signal, AbortSignal.timeout(CONNECT_MS)])).then(
      (connected) => (connected.ok ? callback(null, connected.value) : callback(new NoConnection(connected.refusal), null)),
      (cause: unknown) => callback(cause instanceof Error ? cause : new Error('no connection'), null),
    );
  };
}

interface Wanted {
  readonly method: 'PUT' | 'GET';
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, hexadecimal. */
  readonly digest: string;
  readonly body: Buffer | null;
}

/** The first 64 KiB; the rest is not waited for. */
async function someOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, MAX_ANSWER_BYTES);
}

const NOTHING_DIGEST = createHash('sha256').digest('hex');
const MAX_ANSWER_BYTES = 65_536;
const CONNECTIONS = 2;
const ANSWER_MS = 60_000;
const CONNECT_MS = 15_000;
