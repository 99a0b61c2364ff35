import type { SinkType } from '@sallyport/sinks';

import type { SinkCatalogue } from './sink-catalogue.js';
import { GUARANTEE_OF_KIND, PULL } from './sink-guarantees.js';

/** The kinds of sink as GraphQL's `SinkTypes`, with the way to do without any. */
export function sinkTypesToGraphql(catalogue: SinkCatalogue) {
  return { nodes: catalogue.types.map((type) => typeToGraphql(catalogue, type)), pull: PULL };
}

function typeToGraphql(catalogue: SinkCatalogue, type: SinkType) {
  const { name, description, settingsSchema, credentials, formats, ownership } = type;
  const confirmedBy = catalogue.isAllowedByFile(type) ? 'operator_file' : (ownership ?? 'code');
  return { name, description, settingsSchema, credentials, formats, guarantee: GUARANTEE_OF_KIND[name], confirmedBy };
}
