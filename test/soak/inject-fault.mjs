// Does what a plan says to a deployment, and tells what it was and whom it cut off.
import { setTimeout as pause } from 'node:timers/promises';

/** After these nothing of the control plane reaches any worker. */
const SILENCING = new Set(['control-plane', 'kafka']);
/** How often a service is started that does not answer in its time, before the run is given up. */
const STARTS = 5;

/** Runs one fault to its end: done, lasted, undone. Resolves with `{ fault, cutOffs }`, times of this process's monotonic clock. */
export async function injectFault(deployment, planned) {
  const fromMs = performance.now();
  const undo = await begin(deployment, planned);
  const begunMs = performance.now();
  await pause(planned.forMs);
  const untilMs = performance.now();
  await untilUndone(undo);
  const fault = { ...planned, fromMs, undoneMs: performance.now() };
  const cutOffs = SILENCING.has(planned.part) ? deployment.workers.map(({ name }) => ({ worker: name, fromMs: begunMs, untilMs })) : [];
  return { fault, cutOffs };
}

/** A machine that is busy with much else may need more than one start until a service answers in its time. */
async function untilUndone(undo, starts = STARTS) {
  try {
    await undo();
  } catch (caught) {
    if (caught.code !== 'services.start_failed' || starts === 1) throw caught;
    await untilUndone(undo, starts - 1);
  }
}

function begin(deployment, planned) {
  const { services } = deployment;
  switch (planned.part) {
    case 'worker':
      return processFault(deployment, deployment.workers[planned.worker], planned.how);
    case 'control-plane':
      return processFault(deployment, deployment.controlPlane, planned.how);
    case 'kafka':
      return planned.how === 'killed' ? killed(() => services.killKafka(), () => services.restartKafka()) : stopped(services.kafka.nodes[0]);
    case 'redis':
      return planned.how === 'killed' ? killed(() => services.redis.crash(), () => services.redis.restart()) : stopped(services.redis);
    case 'postgres':
      return killed(() => services.restartPostgres(), async () => undefined);
    default:
      throw new Error(`no such part: ${planned.part}`);
  }
}

async function processFault(deployment, part, how) {
  if (how === 'killed') return deployment.kill(part);
  process.kill(part.pid, 'SIGSTOP');
  return async () => void process.kill(part.pid, 'SIGCONT');
}

async function killed(kill, again) {
  await kill();
  return again;
}

async function stopped(service) {
  service.stall();
  return async () => service.resume();
}
