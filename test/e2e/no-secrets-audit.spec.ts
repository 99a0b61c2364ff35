import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PlantedDeployment } from './world/planted-deployment.js';

let planted: PlantedDeployment;

beforeAll(async () => {
  planted = await PlantedDeployment.make();
}, 300_000);
afterAll(() => planted?.end());

describe('a secret that was handed over everywhere while events were exported', () => {
  it('is looked for where the events are: the database and its rows, the journal, the receivers, files on disk, exports in every form', () => {
    const places = planted.placesWith(planted.identity);
    expect(places).toEqual(expect.arrayContaining(['answer to decisions list --limit', 'receiver', 'dump']));
    for (const part of ['/data/postgres/', '/disk/']) expect(places.some((path) => path.startsWith(part)), part).toBe(true);
    expect(planted.placesWith('signInsRefused').some((path) => path.startsWith('/data/journal/'))).toBe(true);
    for (const mark of ['CEF:0|', 'LEEF:2.0|', '"class_uid"', '"@timestamp"', '"sallyport_export"', 'reveal.used_up', 'reveal.not_yours', 'reveal.not_confirmed', 'sallyport_sink_lag_seconds']) {
      expect(planted.placesWith(mark).some((place) => place.startsWith('answer to ')), mark).toBe(true);
    }
  });

  it('is in the one answer to each reading that two members agreed on: whole where a policy keeps it whole, and its beginning where that is kept', () => {
    const [whole, beginning] = planted.revealed;
    for (const where of ['argument', 'key', 'deep-argument']) expect(whole).toContain(`${planted.canary}-${where}`);
    expect(JSON.parse(beginning ?? '')).toMatchObject({ level: 'excerpt', readings: 1, reads: 1 });
    expect(beginning).toContain(planted.canary.slice(0, 16));
  });

  it('is in nothing else that was said, kept, logged, counted or exported, sealed as it is where a policy keeps it [audit/no-values]', () => {
    expect(planted.placesWith(planted.canary)).toEqual([]);
  });

  it('nor are the keys that requests to sinks are signed with', () => {
    for (const key of [planted.signingKey, ...planted.receivers.map(({ secret }) => secret)]) for (const form of [key, key.slice(key.indexOf('_') + 1)]) expect(planted.placesWith(form)).toEqual([]);
  });
});
