export { FakeClock } from './fake-clock.js';
export { ManualScheduler } from './manual-scheduler.js';
export type { Outcome, Rules } from './scenario.js';
export { scenario } from './scenario.js';
