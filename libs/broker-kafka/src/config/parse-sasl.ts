import type { KafkaSasl, TokenSource } from './kafka-config.js';
import type { VariableReader } from './variable-reader.js';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;

/**
 * Reads `KAFKA_SASL_*`.
 *
 * @param network `readable` when what is sent can be read on the way: then a mechanism that sends the secret itself is refused.
 */
export function parseSasl(reader: VariableReader, network: { readonly readable: boolean }): KafkaSasl | null {
  const mechanism = reader.oneOf('KAFKA_SASL_MECHANISM', MECHANISMS);
  const [username, password] = [reader.text('KAFKA_SASL_USERNAME'), reader.secret('KAFKA_SASL_PASSWORD')];
  const token = parseTokenSource(reader);
  if (mechanism === null) {
    const given = username ?? password ?? token;
    return given === null || reader.sentences.length > 0 ? null : reader.bad(`KAFKA_SASL_MECHANISM is needed with the other KAFKA_SASL_*: one of ${MECHANISMS.join(', ')}.`);
  }
  if (network.readable && !mechanism.startsWith('scram')) {
    reader.bad(`KAFKA_SASL_MECHANISM ${mechanism} sends the secret itself over the network: set KAFKA_TLS_ENABLED=true or KAFKA_TLS_CA_FILE.`);
  }
  if (mechanism === 'oauthbearer') {
    return token === null ? reader.bad('KAFKA_SASL_MECHANISM oauthbearer needs KAFKA_SASL_TOKEN_FILE, or KAFKA_SASL_TOKEN_URL with KAFKA_SASL_CLIENT_ID and KAFKA_SASL_CLIENT_SECRET.') : { mechanism, token };
  }
  if (username === null || password === null) return reader.bad(`KAFKA_SASL_MECHANISM ${mechanism} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (or KAFKA_SASL_PASSWORD_FILE).`);
  return { mechanism, username, password };
}

function parseTokenSource(reader: VariableReader): TokenSource | null {
  const [path, url, clientId] = [reader.text('KAFKA_SASL_TOKEN_FILE'), tokenUrl(reader), reader.text('KAFKA_SASL_CLIENT_ID')];
  const [clientSecret, scope] = [reader.secret('KAFKA_SASL_CLIENT_SECRET'), reader.text('KAFKA_SASL_SCOPE')];
  if (path !== null) return url === null ? { kind: 'file', path } : reader.bad('KAFKA_SASL_TOKEN_FILE and KAFKA_SASL_TOKEN_URL are both set: keep one.');
  if (url === null) return null;
  if (clientId === null || clientSecret === null) return reader.bad('KAFKA_SASL_TOKEN_URL needs KAFKA_SASL_CLIENT_ID and KAFKA_SASL_CLIENT_SECRET (or KAFKA_SASL_CLIENT_SECRET_FILE).');
  return { kind: 'endpoint', url, clientId, clientSecret, scope };
}

function tokenUrl(reader: VariableReader): string | null {
  return reader.matching('KAFKA_SASL_TOKEN_URL', /^(https:\/\/[^\s@]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/][^\s@]*)$/, 'an https address without a user in it');
}
