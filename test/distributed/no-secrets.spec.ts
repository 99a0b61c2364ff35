import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PlantedDeployment } from '../e2e/world/planted-deployment.js';

let planted: PlantedDeployment;

beforeAll(async () => {
  planted = await PlantedDeployment.make({ workers: 2 });
}, 600_000);
afterAll(() => planted?.end());

describe('a secret that was handed over everywhere to a deployment of many processes', () => {
  it('is looked for in what the broker, the database and the workers keep, and in what every process says', () => {
    const folders = ['/data/kafka/', '/data/postgres/', '/disk/'];
    const places = planted.placesWith(planted.identity);
    for (const folder of folders) expect(places.some((path) => path.startsWith(folder)), folder).toBe(true);
    expect(planted.placesWith('signInsRefused').some((path) => path.startsWith('/data/workers/'))).toBe(true);
    expect(planted.placesWith('credential.refused'), 'what workers log').toContain('stderr');
  });

  it('is in the answers to readings that two members agreed on, and in nothing else [audit/no-values]', () => {
    expect(planted.revealed[0]).toContain(`${planted.canary}-deep-argument`);
    expect(planted.placesWith(planted.canary)).toEqual([]);
  });
});
