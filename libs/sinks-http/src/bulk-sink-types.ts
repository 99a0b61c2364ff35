import { choice, makeSinkType, optional, text, type SettingProblem, type SinkConfiguration, type SinkType } from '@sallyport/sinks';

import { BULK_EVENTS, BULK_POST_BYTES, BulkSink, type BulkValues } from './bulk-sink.js';
import { TLS_CREDENTIALS, TLS_SETTINGS, headerProblems, shownAddress, commonProblems, url } from './connection-settings.js';
import { growthOf } from './rendered.js';

const ACTION_BYTES = 128;
const INDEX_NAME = /^[a-z0-9][a-z0-9_.+-]*$/;

/** Elasticsearch by `_bulk`. */
export const elasticsearch: SinkType = bulkSinkType('elasticsearch', 'Elasticsearch');

/** OpenSearch by `_bulk`. */
export const opensearch: SinkType = bulkSinkType('opensearch', 'OpenSearch');

function bulkSinkType(name: 'elasticsearch' | 'opensearch', product: string): SinkType {
  return makeSinkType({
    name,
    description: `${product}: one document for each event in an index or a data stream, written once.`,
    settings: {
      url: url({ description: `Address of ${product}, such as https://search.example.com:9200.` }),
      index: text({ description: 'The index or data stream to write to.', fallback: 'logs-sallyport.audit-default', pattern: INDEX_NAME, wanted: 'the name of an index in lower case', maxLength: 200 }),
      username: optional(text({ description: 'User name for the credential `password`.', pattern: /^[^:]+$/, wanted: 'a user name without a colon' })),
      compression: choice({ description: 'Compression of what is sent.', of: ['gzip', 'none'], fallback: 'gzip' }),
      ...TLS_SETTINGS,
    },
    credentials: [
      { name: 'password', required: false, description: 'Password of the user name among the settings.' },
      { name: 'api_key', required: false, description: 'API key in its encoded form.' },
      { name: 'bearer_token', required: false, description: 'Token of an OAuth or service account.' },
      ...TLS_CREDENTIALS,
    ],
    formats: ['ecs', 'ocsf', 'native'],
    dedupes: true,
    resendMs: 0,
    examine: (values, configuration) => [...commonProblems(values.url, values, configuration), ...headerProblems(configuration.credentials, ['api_key', 'bearer_token']), ...authProblems(values, configuration.credentials)],
    bounds: (_values, { format }) => ({ maxEvents: BULK_EVENTS, maxBytes: Math.floor((BULK_POST_BYTES - BULK_EVENTS * ACTION_BYTES) / growthOf(format)), maxEventBytes: null }),
    guarantee: () => 'at-least-once, exactly-once per backing index (a rollover between retries can duplicate)',
    destination: (values) => shownAddress(values.url, `/${values.index}`),
    open: (values, configuration, tools) => new BulkSink(values, configuration, tools),
  });
}

function authProblems({ username }: BulkValues, credentials: SinkConfiguration['credentials']): readonly SettingProblem[] {
  const given = ['password', 'api_key', 'bearer_token'].filter((name) => credentials[name] !== undefined);
  const problems: SettingProblem[] = given.slice(1).map((name) => ({ pointer: `/credentials/${name}`, message: `Take it out: the sink signs in by ${given[0]} already.` }));
  if (username !== null && credentials['password'] === undefined) problems.push({ pointer: '/credentials/password', message: 'Write the password of the user name.' });
  if (username === null && credentials['password'] !== undefined) problems.push({ pointer: '/settings/username', message: 'Write the user name of the password.' });
  return problems;
}
