import type { DomainEvent, SinkAdded, SinkChanged } from '@sallyport/domain-events';

import type { SinkRow } from './sink-row.entity.js';

/**
 * The sink's row after one more event of it: `undefined` before it was added, `null` once it is removed.
 */
export function evolveSinkRow(row: SinkRow | undefined, event: DomainEvent): SinkRow | null | undefined {
  const { fact, organisationId, revision } = event;
  if (fact.type === 'sink.added') {
    const { sinkId, name, sinkType, afterSeq } = fact.data;
    return { organisationId, sinkId, name, sinkType, ...columnsOf(fact.data), confirmed: null, paused: null, afterSeq, createdAt: new Date(event.occurredAt), revision };
  }
  if (row === undefined) return undefined;
  switch (fact.type) {
    case 'sink.changed':
      return { ...row, ...columnsOf(fact.data), confirmed: isConfirmedStill(row, fact.data) ? row.confirmed : null, revision };
    case 'sink.confirmed':
      return { ...row, confirmed: fact.data.how, revision };
    case 'sink.paused':
      return { ...row, paused: fact.data.reason, revision };
    case 'sink.resumed':
      return { ...row, paused: null, revision };
    case 'sink.removed':
      return null;
    default:
      return row;
  }
}

/** The same rule as `evolveSink` of the domain: other settings or credentials ask for another confirmation. */
function isConfirmedStill(row: SinkRow, data: SinkChanged['data']): boolean {
  return row.settings === data.settings && row.credentialSeals === sealsOf(data.credentials);
}

function columnsOf({ settings, credentials, filter, format, formatVersion }: SinkAdded['data'] | SinkChanged['data']) {
  const { types, outcomes } = filter;
  return { settings, credentialNames: credentials.map(({ name }) => name), credentialSeals: sealsOf(credentials), filter: { types, outcomes }, format, formatVersion };
}

function sealsOf(credentials: SinkAdded['data']['credentials']): string {
  return JSON.stringify(credentials.map(({ name, sealedValue }) => [name, sealedValue]));
}
