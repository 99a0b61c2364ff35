import { createHash, createHmac } from 'node:crypto';

/** A request as a server got it. */
export interface SignedRequest {
  readonly method: string;
  /** As on the wire, without a query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * The signature that AWS Signature Version 4 wants of a request, worked out from what arrived, by the published steps; written apart from the
 * client so that one can be held against the other. The headers that count are those that the request says are signed.
 */
export function signatureOf({ method, path, headers }: SignedRequest, secret: string): { readonly wanted: string; readonly given: string } {
  const said = /Credential=[^/]+\/([0-9]{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(String(headers['authorization']));
  const [, date = '', region = '', signed = '', given = ''] = said ?? [];
  const canonicalHeaders = signed.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`).join('');
  const canonical = [method, path, '', canonicalHeaders, signed, String(headers['x-amz-content-sha256'])].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), `${date}/${region}/s3/aws4_request`, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<Buffer>((by, part) => createHmac('sha256', by).update(part).digest(), Buffer.from(`AWS4${secret}`));
  return { wanted: createHmac('sha256', key).update(toSign).digest('hex'), given };
}
