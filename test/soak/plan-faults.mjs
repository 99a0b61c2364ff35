// What goes wrong when, drawn from a seed: the same seed gives the same plan.

/** What can go wrong. `killed` comes back by a start on the same data, `stopped` by SIGCONT, `restarted` at once. */
export const FAULTS = [
  { part: 'worker', how: 'killed' },
  { part: 'worker', how: 'stopped' },
  { part: 'control-plane', how: 'killed' },
  { part: 'control-plane', how: 'stopped' },
  { part: 'kafka', how: 'killed' },
  { part: 'kafka', how: 'stopped' },
  { part: 'redis', how: 'killed' },
  { part: 'redis', how: 'stopped' },
  { part: 'postgres', how: 'restarted' },
];

const SHORTEST_MS = 500;
const LONGEST_MS = 15_000;
const LEAST_QUIET_MS = 2_000;
const MOST_QUIET_MS = 12_000;

/** Numbers from 0 to below 1 by a seed of 32 bits (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Faults one after another, each with the quiet time before it, how long it lasts and, of workers, which one; as many as begin within `totalMs`. */
export function planFaults({ seed, totalMs, workers }) {
  const random = randomFrom(seed);
  const between = (least, most) => Math.round(least + random() * (most - least));
  const plan = [];
  for (let atMs = between(LEAST_QUIET_MS, MOST_QUIET_MS); atMs < totalMs; ) {
    const { part, how } = FAULTS[Math.floor(random() * FAULTS.length)];
    const forMs = how === 'restarted' ? 0 : between(SHORTEST_MS, LONGEST_MS);
    plan.push({ part, how, worker: part === 'worker' ? Math.floor(random() * workers) : null, atMs, forMs });
    atMs += forMs + between(LEAST_QUIET_MS, MOST_QUIET_MS);
  }
  return plan;
}
