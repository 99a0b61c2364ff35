import type { UpstreamErrorKind } from './upstream-call.js';

/** An error whose kind is known where it is made; carries nothing the network said. */
export class UpstreamError extends Error {
  constructor(readonly kind: UpstreamErrorKind) {
    super(`upstream ${kind}`);
  }
}

/** Folds what undici, TLS or the operating system report into a kind that may be shown to anyone. */
export function kindOfError(error: Error, sent: boolean): UpstreamErrorKind {
  if (error instanceof UpstreamError) return error.kind;
  const code = codeOf(error);
  const known = KINDS[code];
  if (known !== undefined) return known;
  if (TLS_CODE.test(code)) return 'tls';
  return sent ? 'reset' : 'refused';
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const KINDS: Readonly<Record<string, UpstreamErrorKind>> = {
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_INVALID_ARG: 'unframeable',
  UND_ERR_NOT_SUPPORTED: 'unframeable',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'unframeable',
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
};

const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;
