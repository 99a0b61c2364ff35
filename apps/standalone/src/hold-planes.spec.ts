import { createServer } from 'node:http';

import { StopList } from '@sallyport/service-host';
import { describe, expect, it } from 'vitest';

import { holdPlanes } from './hold-planes.js';

/** Parts that note when they are stopped; `broken` fails at it. */
function held(broken?: string) {
  const stopped: string[] = [];
  const stops = new StopList();
  const part = (name: string) => async (): Promise<void> => {
    stopped.push(name);
    if (name === broken) throw new Error('broken');
  };
  holdPlanes(stops, { gateway: { stop: part('gateway') }, journal: { close: part('journal') }, controlPlane: { close: part('control plane') } }, createServer());
  return { stopped, stops };
}

describe('stopping both planes', () => {
  it('ends the gateway before the journal it writes, and that before the store it ships to', async () => {
    const { stopped, stops } = held();
    await stops.run();
    expect(stopped).toEqual(['gateway', 'journal', 'control plane']);
  });

  it.each(['gateway', 'journal', 'control plane'])('stops the others when the %s does not, and says which it was', async (broken) => {
    const { stopped, stops } = held(broken);
    await expect(stops.run()).rejects.toThrow(`${broken} did not stop`);
    expect(stopped).toEqual(['gateway', 'journal', 'control plane']);
  });
});
