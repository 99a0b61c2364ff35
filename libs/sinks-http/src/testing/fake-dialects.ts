import { createHmac } from 'node:crypto';

import { allOrNothing, type Dialect, type Received, type Reply } from './fake-receiver.js';

/** What the fakes take for the right credentials. */
export const FAKE_CREDENTIALS = {
  hecToken: 'hec-token-4711',
  password: 'bulk-password-4711',
  datadogKey: 'datadog-key-4711',
  azureSecret: 'azure-secret-4711',
  webhookSecret: `whsec_${Buffer.from('a shared secret of 32 bytes long').toString('base64')}`,
  otlpAuthorization: 'Bearer otlp-token-4711',
} as const;

const BEARER = 'access-token-4711';

/** A fake of `_bulk`: items by themselves, `create` of an id that is there is 409. `script` says the status of an id instead. */
export class FakeBulk implements Dialect {
  script: ReadonlyMap<string, number> = new Map();
  readonly unauthorised = { status: 401, body: '{"error":{"type":"security_exception"},"status":401}' };

  eventIds({ body, path }: Received): readonly string[] | null {
    if (!path.includes('/_bulk')) return null;
    return lines(body).filter((_, at) => at % 2 === 0).map((line) => (JSON.parse(line) as { create: { _id: string } }).create._id);
  }

  take(_received: Received, ids: readonly string[], hands: Parameters<Dialect['take']>[2]): Reply {
    const items = ids.map((id) => {
      const status = this.script.get(id) ?? (hands.poison.has(id) ? 400 : hands.has(id) ? 409 : 201);
      if (status === 201) hands.keep([id]);
      return { create: status < 300 ? { status } : { status, error: { type: ERRORS[status] ?? 'some_exception', reason: "failed to parse field [user.id] of type [long]. Preview of field's value: 'SECRET'" } } };
    });
    return { status: 200, body: JSON.stringify({ items }) };
  }

  isAuthorised({ headers }: Received): boolean {
    return headers.authorization === `Basic ${Buffer.from(`sallyport:${FAKE_CREDENTIALS.password}`).toString('base64')}`;
  }

  reset(): void {
    this.script = new Map();
  }
}

const ERRORS: Readonly<Record<number, string>> = { 400: 'mapper_parsing_exception', 409: 'version_conflict_engine_exception', 429: 'es_rejected_execution_exception', 403: 'cluster_block_exception' };

/** A fake of Datadog's intake. */
export class FakeDatadog implements Dialect {
  readonly unauthorised = { status: 403, body: '{"errors":[{"status":"403","title":"Forbidden"}]}' };

  eventIds({ body, path }: Received): readonly string[] | null {
    return path === '/api/v2/logs' ? (JSON.parse(body.toString()) as { event_id: string }[]).map((log) => log.event_id) : null;
  }

  take(_received: Received, ids: readonly string[], hands: Parameters<Dialect['take']>[2]): Reply {
    return allOrNothing(ids, hands, { taken: { status: 202, body: '{}' }, unfit: { status: 400, body: '{"errors":[]}' } });
  }

  isAuthorised({ headers }: Received): boolean {
    return headers['dd-api-key'] === FAKE_CREDENTIALS.datadogKey;
  }
}

/** A fake of Azure's Logs Ingestion API and of the authority in front of it, on one port. */
export class FakeAzure implements Dialect {
  readonly unauthorised = { status: 401 };
  /** How often a token was asked for. */
  tokens = 0;
  /** Tokens that ended before their time. */
  ended: ReadonlySet<string> = new Set();

  eventIds({ body, path }: Received): readonly string[] | null {
    return path.startsWith('/dataCollectionRules/') ? (JSON.parse(body.toString()) as { EventId: string }[]).map((row) => row.EventId) : null;
  }

  take(_received: Received, ids: readonly string[], hands: Parameters<Dialect['take']>[2]): Reply {
    return allOrNothing(ids, hands, { taken: { status: 204 }, unfit: { status: 400 } });
  }

  other({ body }: Received): Reply {
    this.tokens += 1;
    if (new URLSearchParams(body.toString()).get('client_secret') !== FAKE_CREDENTIALS.azureSecret) return { status: 400, body: '{"error":"invalid_client"}' };
    return { status: 200, body: JSON.stringify({ access_token: `${BEARER}-${this.tokens}`, token_type: 'Bearer', expires_in: 3_600 }) };
  }

  isAuthorised({ headers, path }: Received): boolean {
    if (!path.startsWith('/dataCollectionRules/')) return true;
    return headers.authorization === `Bearer ${BEARER}-${this.tokens}` && !this.ended.has(`${BEARER}-${this.tokens}`);
  }

  /** Ends the token that was given last. */
  end(): void {
    this.ended = new Set([`${BEARER}-${this.tokens}`]);
  }

  reset(): void {
    this.ended = new Set();
  }
}

/** A fake of Google SecOps and of the token service, on one port. `assertions` are the signed claims that came. */
export class FakeSecops implements Dialect {
  readonly unauthorised = { status: 401 };
  readonly assertions: string[] = [];

  eventIds({ body, path }: Received): readonly string[] | null {
    if (!path.endsWith('/logs:import')) return null;
    const { inlineSource } = JSON.parse(body.toString()) as { inlineSource: { logs: { labels: { event_id: { value: string } } }[] } };
    return inlineSource.logs.map((log) => log.labels.event_id.value);
  }

  take(_received: Received, ids: readonly string[], hands: Parameters<Dialect['take']>[2]): Reply {
    return allOrNothing(ids, hands, { taken: { status: 200, body: '{}' }, unfit: { status: 400 } });
  }

  other({ body }: Received): Reply {
    this.assertions.push(new URLSearchParams(body.toString()).get('assertion') ?? '');
    return { status: 200, body: JSON.stringify({ access_token: BEARER, expires_in: 3_599 }) };
  }

  isAuthorised({ headers, path }: Received): boolean {
    return !path.endsWith('/logs:import') || headers.authorization === `Bearer ${BEARER}`;
  }
}

/** A fake of a webhook's receiver: wants a right HMAC signature, and answers challenges while it is told to. */
export class FakeWebhook implements Dialect {
  readonly unauthorised = { status: 401 };
  /** How a challenge is answered. */
  echo: 'json' | 'text' | 'nothing' = 'json';

  eventIds({ body, headers }: Received): readonly string[] | null {
    return headers['content-type'] === 'application/x-ndjson' ? lines(body).map((line) => (JSON.parse(line) as { event_id: string }).event_id) : null;
  }

  take(_received: Received, ids: readonly string[], hands: Parameters<Dialect['take']>[2]): Reply {
    return allOrNothing(ids, hands, { taken: { status: 204 }, unfit: { status: 422 } });
  }

  other({ body }: Received): Reply {
    const { challenge } = JSON.parse(body.toString()) as { challenge: string };
    return { status: 200, body: this.echo === 'json' ? JSON.stringify({ challenge }) : this.echo === 'text' ? `${challenge}\n` : 'ok' };
  }

  isAuthorised({ headers, body }: Received): boolean {
    const key = Buffer.from(FAKE_CREDENTIALS.webhookSecret.slice('whsec_'.length), 'base64');
    const signed = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`).update(body).digest('base64');
    return String(headers['webhook-signature']).split(' ').includes(`v1,${signed}`);
  }
}

/** A fake of an OTLP receiver of JSON. `rejects` records of each request are refused, and it does not say which. */
export class FakeOtlp implements Dialect {
  readonly unauthorised = { status: 401 };
  rejects = 0;

  eventIds({ body, path }: Received): readonly string[] | null {
    if (path !== '/v1/logs') return null;
    const { resourceLogs } = JSON.parse(body.toString()) as { resourceLogs: { scopeLogs: { logRecords: { body: { stringValue: string } }[] }[] }[] };
    const records = resourceLogs.flatMap((resource) => resource.scopeLogs.flatMap((scope) => scope.logRecords));
    return records.map((record) => (JSON.parse(record.body.stringValue) as { event_id: string }).event_id);
  }

  take(_received: Received, ids: readonly string[], hands: Parameters<Dialect['take']>[2]): Reply {
    const partial = { partialSuccess: { rejectedLogRecords: String(this.rejects), errorMessage: 'SECRET' } };
    const taken = { status: 200, body: this.rejects === 0 ? '{}' : JSON.stringify(partial) };
    return allOrNothing(ids, hands, { taken, unfit: { status: 400 } });
  }

  isAuthorised({ headers }: Received): boolean {
    return headers.authorization === FAKE_CREDENTIALS.otlpAuthorization;
  }

  reset(): void {
    this.rejects = 0;
  }
}

function lines(body: Buffer): readonly string[] {
  return body.toString().split('\n').filter((line) => line !== '');
}
