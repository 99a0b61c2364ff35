import type { DescField } from '@bufbuild/protobuf';

import { EventSchema } from './generated/sallyport/events/v1/envelope_pb.js';

/** A fact's name in the log. */
export interface FactName {
  /** `grant.issued` */
  readonly type: string;
  /** Schema revision, from 1. */
  readonly version: number;
}

/** A fact's place in the envelope: one case of its `fact` oneof. */
export interface FactField extends FactName {
  readonly field: DescField & { readonly fieldKind: 'message' };
}

/** `grant_token_rotated_v2` is `grant.token_rotated` in version 2; without a suffix, version 1. */
const FIELD_NAME = /^([a-z]+)_([a-z_]+?)(?:_v(\d+))?$/;

/** Every fact in every version that `proto/` knows, in the order of the envelope. */
export const FACT_FIELDS: readonly FactField[] = EventSchema.oneofs
  .filter((oneof) => oneof.name === 'fact')
  .flatMap((oneof) => oneof.fields)
  .map(factFieldOf);

const byName = new Map(FACT_FIELDS.map((fact) => [nameText(fact), fact]));
const byField = new Map(FACT_FIELDS.map((fact) => [fact.field.localName, fact]));

/** The place of a fact, `undefined` when the envelope has none. */
export function factFieldNamed(name: FactName): FactField | undefined {
  return byName.get(nameText(name));
}

/** The fact a case of the envelope holds. */
export function factFieldAt(localName: string): FactField | undefined {
  return byField.get(localName);
}

/** One text for a fact's type and version: `grant.issued@1`, also the name of its golden files. */
export function nameText(name: FactName): string {
  return `${name.type}@${name.version}`;
}

function factFieldOf(field: DescField): FactField {
  const [, noun, verb, version = '1'] = FIELD_NAME.exec(field.name) ?? [];
  if (field.fieldKind !== 'message' || noun === undefined || verb === undefined) throw new TypeError(`not a fact's field: ${field.toString()}`);
  return { type: `${noun}.${verb}`, version: Number(version), field };
}
