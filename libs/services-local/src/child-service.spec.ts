import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { ChildService, freePorts } from './child-service.js';

const NOTHING_TO_DO = [process.execPath, '-e', 'setInterval(() => undefined, 1000)'] as const;
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A process of its own that starts a service and says the service's pid. */
async function aParent(): Promise<{ readonly parent: ChildProcess; readonly servicePid: number }> {
  const script = `
    const { ChildService } = await import('./libs/services-local/dist/child-service.js');
    const service = ChildService.start('idle', ${JSON.stringify(NOTHING_TO_DO)}, { cwd: '/' });
    console.log(service.pid);
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, servicePid: Number(said.toString()) };
}

async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { interval: 20, timeout: 30_000 }).toBe(false);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}

describe('a service’s process', () => {
  it.runIf(process.platform === 'linux')('does not outlive a parent that is killed', async () => {
    const { parent, servicePid } = await aParent();
    expect(isAlive(servicePid)).toBe(true);
    parent.kill('SIGKILL');
    await untilGone(servicePid);
  });

  it('is stopped even when it is stalled', async () => {
    const service = ChildService.start('idle', NOTHING_TO_DO, { cwd: '/' });
    service.signal('SIGSTOP');
    await service.stop();
    expect([service.running, isAlive(service.pid)]).toEqual([false, false]);
  });

  it('says its last words when it ends before it answers', async () => {
    const service = ChildService.start('loud', [process.execPath, '-e', 'console.error("no such luck"); process.exit(3)'], { cwd: '/' });
    const starting = service.untilAnswering(async () => false, 30_000);
    await expect(starting).rejects.toMatchObject({ code: 'services.start_failed', message: expect.stringContaining('no such luck') });
  });

  it('is stopped when it does not answer in time', async () => {
    const service = ChildService.start('deaf', NOTHING_TO_DO, { cwd: '/' });
    await expect(service.untilAnswering(async () => false, 100)).rejects.toMatchObject({ code: 'services.start_failed' });
    expect(service.running).toBe(false);
  });

  it('is asked once more when the time is over, since who asks may have been held up until then', async () => {
    const service = ChildService.start('slowly asked', NOTHING_TO_DO, { cwd: '/' });
    let asked = 0;
    const answers = async (): Promise<boolean> => {
      asked += 1;
      const untilMs = performance.now() + 50;
      while (performance.now() < untilMs); // nothing else happens in this process meanwhile
      return asked > 1;
    };
    await service.untilAnswering(answers, 10);
    expect(service.running).toBe(true);
    await service.stop(0);
  });

  it('is a fault, not a crash, when its program is not there', async () => {
    const service = ChildService.start('gone', ['/no/such/program'], { cwd: '/' });
    await expect(service.untilAnswering(async () => false, 10_000)).rejects.toMatchObject({ code: 'services.start_failed' });
  });
});

describe('free ports', () => {
  it('are different and can be listened on', async () => {
    const ports = await freePorts(5);
    expect(new Set(ports).size).toBe(5);
    const server = createServer().listen(ports[0], '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});
