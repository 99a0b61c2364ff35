import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What the warden is told of a process, one JSON object a line. */
export interface WardenEntry {
  readonly pid: number;
  /** How it is asked to stop; null for one that stops by itself when its parent is gone. */
  readonly signal: 'SIGTERM' | 'SIGINT' | null;
}

interface Watched extends WardenEntry {
  readonly startedAt: string | null;
}

const OWN_END_MS = 13_000;
const ASKED_END_MS = 5_000;

/**
 * A process beside the launcher that outlives it: when the launcher is gone without having said `done`, the processes that
 * cannot notice that by themselves (Kafka, PostgreSQL, Redis) are stopped, after those that can, and whatever does not go is killed.
 */
async function keepWatch(input: NodeJS.ReadableStream): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined); // the launcher's to answer
  const watched: Watched[] = [];
  for await (const line of createInterface({ input })) {
    if (line === 'done') return;
    const entry = JSON.parse(line) as WardenEntry;
    watched.push({ ...entry, startedAt: startOf(entry.pid) });
  }
  await end(watched.filter(({ signal }) => signal === null), OWN_END_MS);
  await end(watched.filter(({ signal }) => signal !== null), ASKED_END_MS);
}

async function end(processes: readonly Watched[], withinMs: number): Promise<void> {
  for (const { pid, signal, ...rest } of processes) if (signal !== null && lives({ pid, signal, ...rest })) process.kill(pid, signal);
  const deadline = performance.now() + withinMs;
  while (processes.some(lives) && performance.now() < deadline) await pause(50);
  for (const left of processes.filter(lives)) process.kill(left.pid, 'SIGKILL');
}

/** Whether the process still runs, and its id is not another's by now. */
function lives({ pid, startedAt }: Watched): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
  return startedAt === null || startOf(pid) === startedAt;
}

/** When a process started, in the system's own units; null where that cannot be read, or it is only waiting to be collected. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null; // gone, or a system without /proc
  }
}

await keepWatch(process.stdin);
process.exit(0);
