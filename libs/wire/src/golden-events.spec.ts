import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { CURRENT_VERSIONS, type DomainEvent } from '@sallyport/domain-events';
import { EXAMPLE_FACTS } from '@sallyport/domain-events/testing';
import { describe, expect, it } from 'vitest';

import { decodeEvent, encodeEvent, eventFromJson, eventToJson } from './event-codec.js';
import { FACT_FIELDS, nameText } from './fact-fields.js';

const folder = new URL('../golden/', import.meta.url);
const golden = (name: string, extension: 'json' | 'binpb') => new URL(`${name}.${extension}`, folder);
const names = readdirSync(fileURLToPath(folder)).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));

function isCurrent(event: DomainEvent, name: string): boolean {
  return nameText(event.fact) === name;
}

describe('golden events', () => {
  it('exist for every version of every fact that proto knows [log/golden]', () => {
    const wanted = FACT_FIELDS.map(nameText);
    const missing = wanted.filter((name) => !existsSync(golden(name, 'json')) || !existsSync(golden(name, 'binpb')));
    expect(missing, 'write them: node test/quality/build.mjs && node libs/wire/golden/write-missing.mjs').toEqual([]);
    expect(names.toSorted()).toEqual(wanted.toSorted());
  });

  it('exist for every fact in the version it is written in', () => {
    const current = Object.entries(CURRENT_VERSIONS).map(([type, version]) => nameText({ type, version }));
    expect(current.filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(names)('%s reads the same from JSON and from bytes, and is written as it was [log/golden]', (name) => {
    const json: unknown = JSON.parse(readFileSync(golden(name, 'json'), 'utf8'));
    const bytes = readFileSync(golden(name, 'binpb'));
    const event = eventFromJson(json);
    expect(decodeEvent(bytes)).toEqual(event);
    if (!isCurrent(event, name)) return;
    expect(eventToJson(event)).toEqual(json);
    expect(Buffer.from(encodeEvent(event)).equals(bytes)).toBe(true);
    expect(event.fact).toEqual(Object.values(EXAMPLE_FACTS).find((fact) => fact.type === event.fact.type));
  });
});
