import type { DomainEvent } from '@sallyport/domain-events';

import type { RevealRow } from './reveal-row.entity.js';

/** The reveal's row after one more event of it; `undefined` before it was asked for. */
export function evolveRevealRow(row: RevealRow | undefined, event: DomainEvent): RevealRow | undefined {
  const { fact, organisationId, revision } = event;
  const at = new Date(event.occurredAt);
  if (fact.type === 'reveal.requested') {
    const { revealId, decisionId, requestedBy, reason } = fact.data;
    const confirmBy = new Date(fact.data.confirmBy);
    return { organisationId, revealId, decisionId, status: 'requested', reason, requestedBy, requestedAt: at, confirmBy, ...NOT_YET, openUntil: confirmBy, revision };
  }
  if (row === undefined) return undefined;
  switch (fact.type) {
    case 'reveal.confirmed': {
      const readBy = new Date(fact.data.readBy);
      return { ...row, status: 'confirmed', confirmedBy: fact.data.confirmedBy, confirmedAt: at, readBy, reads: fact.data.reads, openUntil: readBy, revision };
    }
    case 'reveal.read':
      return { ...row, readings: fact.data.reading, openUntil: row.reads !== null && fact.data.reading < row.reads ? row.openUntil : null, revision };
    case 'reveal.refused':
      return { ...row, status: 'refused', refusedBy: fact.data.refusedBy, refusalReason: fact.data.reason, openUntil: null, revision };
    case 'reveal.expired':
      return { ...row, status: 'expired', openUntil: null, revision };
    default:
      return row;
  }
}

const NOT_YET = { confirmedBy: null, confirmedAt: null, readBy: null, reads: null, readings: 0, refusedBy: null, refusalReason: null } as const;
