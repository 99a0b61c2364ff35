/** A bucket, and how it is addressed. */
export interface S3Location {
  /** `https://host[:port]`, of the service, without the bucket. */
  readonly endpoint: URL;
  readonly bucket: string;
  readonly style: 'path' | 'virtual';
}

/** The host that serves the bucket. */
export function hostOf({ endpoint, bucket, style }: S3Location): { readonly hostname: string; readonly port: number; readonly secure: boolean; readonly header: string } {
  const hostname = style === 'virtual' ? `${bucket}.${endpoint.hostname}` : endpoint.hostname;
  const secure = endpoint.protocol === 'https:';
  const port = endpoint.port === '' ? (secure ? 443 : 80) : Number(endpoint.port);
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port, secure, header: endpoint.port === '' ? hostname : `${hostname}:${endpoint.port}` };
}

/** The path of an object, every segment escaped as a signature wants it. */
export function pathOf({ bucket, style }: S3Location, key: string): string {
  const segments = style === 'path' ? [bucket, ...key.split('/')] : key.split('/');
  return `/${segments.map(escaped).join('/')}`;
}

function escaped(segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
