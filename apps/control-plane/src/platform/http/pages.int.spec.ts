import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';

describe('pages beside GraphQL', () => {
  let plain: TestControlPlane;
  let exploring: TestControlPlane;
  beforeAll(async () => {
    plain = await aControlPlane({ gatewayUrl: 'http://127.0.0.1:7400/<b>' });
    exploring = await aControlPlane({ explorer: true });
  });
  afterAll(() => Promise.all([plain.close(), exploring.close()]));
  const get = (world: TestControlPlane, path: string) => fetch(`${world.url}${path}`, { redirect: 'manual' });

  it('name the addresses at the root', async () => {
    const page = await (await get(plain, '/')).text();
    expect(page).toContain('http://127.0.0.1:7400/&#60;b&#62;/mcp/&#60;server-slug&#62;');
    expect(page).not.toContain('explorer');
    expect(await (await get(exploring, '/')).text()).toContain('href="/graphql/explorer/"');
  });

  it('offer the explorer, from files here and nowhere else', async () => {
    const answer = await get(exploring, '/graphql/explorer/');
    const page = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const files = [...page.matchAll(/(?:src|href)="([^"#]+\.(?:js|css|ico))"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await get(exploring, `/graphql/explorer/${file}`)).status, file).toBe(200);
  });

  it('let the explorer read the whole schema', async () => {
    const { data, errors } = await exploring.ask(getIntrospectionQuery({ inputValueDeprecation: true, descriptions: true }));
    expect(errors).toEqual([]);
    expect(data).toHaveProperty('__schema');
  });

  it('offer no explorer where it is off', async () => {
    for (const path of ['/graphql/explorer', '/graphql/explorer/', '/graphql/explorer/styles.css']) expect((await get(plain, path)).status).toBe(404);
  });

  it('hand out no file from outside of the explorer', async () => {
    for (const path of ['../index.js', '..%2findex.js', '%2e%2e/index.js', '..%5cindex.js', 'assets/../../index.js', '%00', '', 'assets']) {
      const answer = await get(exploring, `/graphql/explorer/${path}`);
      expect(await answer.text(), path).not.toContain('getDistDirectory');
    }
  });

  it('answer nothing else', async () => {
    for (const path of ['/nope', '/mcp/everything', '/healthz']) {
      const answer = await get(plain, path);
      expect([answer.status, await answer.json()]).toEqual([404, { error: 'not found' }]);
    }
  });

  it('say nothing of an address back, readable or not', async () => {
    for (const [path, status] of [['/a-secret', 404], ['/a-secret?of=a-secret', 404], ['/%zz-a-secret', 400]] as const) {
      const answer = await get(plain, path);
      expect([answer.status, await answer.text()]).toEqual([status, expect.not.stringContaining('a-secret')]);
    }
  });
});
