import type { KafkaTls } from './kafka-config.js';
import type { VariableReader } from './variable-reader.js';

const PEM = '-----BEGIN ';

/** Reads `KAFKA_TLS_*`. Naming any of the files, or a server name, turns TLS on; `KAFKA_TLS_ENABLED=true` does with the system's authorities. */
export function parseTls(reader: VariableReader): KafkaTls | null {
  const enabled = reader.oneOf('KAFKA_TLS_ENABLED', ['true', 'false']);
  const [ca, cert, key] = [pem(reader, 'KAFKA_TLS_CA_FILE'), pem(reader, 'KAFKA_TLS_CERT_FILE'), pem(reader, 'KAFKA_TLS_KEY_FILE')];
  const serverName = reader.text('KAFKA_TLS_SERVER_NAME');
  const given = [ca, cert, key, serverName].some((value) => value !== null);
  if ((cert === null) !== (key === null)) reader.bad('KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE belong together: set both or neither.');
  if (enabled === 'false' && given) reader.bad('KAFKA_TLS_ENABLED is false, but other KAFKA_TLS_* are set: remove one or the other.');
  if (enabled !== 'true' && !given) return null;
  return {
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(serverName === null ? {} : { serverName }),
  };
}

function pem(reader: VariableReader, name: string): string | null {
  const text = reader.file(name);
  return text === null || text.includes(PEM) ? text : reader.bad(`${name} names a file that is not PEM.`);
}
