import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';

describe('organisations', () => {
  let world: TestControlPlane;
  beforeAll(async () => {
    world = await aControlPlane();
  });
  afterAll(() => world.close());

  it('are there after the first run, with an operator', async () => {
    const { data } = await world.ask('{ whoami { organisation { slug name revision } member { name role } role operator token { label status } } }');
    expect(data).toEqual({
      whoami: {
        organisation: { slug: 'default', name: 'Default', revision: 1 },
        member: { name: 'admin', role: 'admin' },
        role: 'admin',
        operator: true,
        token: { label: 'operator', status: 'active' },
      },
    });
  });
});
