import type { CutOffSeen } from '@sallyport/test-support';

import type { PlannedFault } from './plan-faults.mjs';

/** What a fault is done to; only the part that the plan names is touched. */
export interface Breakable {
  readonly workers: readonly { readonly name: string; readonly pid: number }[];
  readonly services: {
    killKafka(): Promise<void>;
    restartKafka(): Promise<void>;
  };
}

export function injectFault(deployment: Breakable, planned: PlannedFault): Promise<{ readonly fault: object; readonly cutOffs: readonly CutOffSeen[] }>;
