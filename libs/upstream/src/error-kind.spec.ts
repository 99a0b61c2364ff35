import { describe, expect, it } from 'vitest';

import { kindOfError, UpstreamError } from './error-kind.js';

const withCode = (code: string): Error => Object.assign(new Error(`connect ${code} 10.0.0.1:443`), { code });

describe('kindOfError', () => {
  it.each([
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout'],
    ['UND_ERR_INVALID_ARG', 'unframeable'],
    ['UND_ERR_DESTROYED', 'closed'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['ECONNREFUSED', 'refused'],
    ['ENOTFOUND', 'refused'],
  ] as const)('takes %s for %s', (code, kind) => {
    expect(kindOfError(withCode(code), false)).toBe(kind);
  });

  it('calls anything unknown a reset once the request was sent', () => {
    expect(kindOfError(withCode('ECONNRESET'), true)).toBe('reset');
    expect(kindOfError(new Error('whatever'), true)).toBe('reset');
  });

  it('keeps a kind that is known where the error was made', () => {
    expect(kindOfError(new UpstreamError('egress'), true)).toBe('egress');
  });
});
