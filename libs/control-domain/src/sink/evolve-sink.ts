import type { DomainFact, SinkChanged } from '@sallyport/domain-events';

import type { Sink } from './sink.js';

type PresentSink = Extract<Sink, { readonly status: 'present' }>;

/** A sink nobody added. */
export const noSink: Sink = { status: 'absent' };

/** The sink after one more fact of its stream; facts of other kinds leave it as it is. */
export function evolveSink(sink: Sink, fact: DomainFact): Sink {
  if (fact.type === 'sink.added') return { status: 'present', ...fact.data, confirmed: null, paused: null };
  if (sink.status !== 'present') return sink;
  switch (fact.type) {
    case 'sink.changed':
      return changed(sink, fact.data);
    case 'sink.confirmed':
      return { ...sink, confirmed: fact.data.how };
    case 'sink.paused':
      return { ...sink, paused: fact.data.reason };
    case 'sink.resumed':
      return { ...sink, paused: null };
    case 'sink.removed':
      return { status: 'removed', sinkId: sink.sinkId };
    default:
      return sink;
  }
}

/** Another receiver, or another account at the same one, is to be confirmed again; which events go there, and in which form, is not. */
function changed(sink: PresentSink, data: SinkChanged['data']): Sink {
  const isSame = data.settings === sink.settings && sealsOf(data) === sealsOf(sink);
  return { ...sink, ...data, confirmed: isSame ? sink.confirmed : null };
}

function sealsOf({ credentials }: Pick<PresentSink, 'credentials'>): string {
  return JSON.stringify(credentials.map(({ name, sealedValue }) => [name, sealedValue]));
}
