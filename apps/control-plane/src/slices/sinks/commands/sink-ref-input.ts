import type { Asked } from '../../../platform/commands/asked-command.js';

/** A sink, by id or name. */
export interface SinkRefInput extends Asked {
  readonly sink: string;
}
