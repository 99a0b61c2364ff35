export type { Asked, AskOptions, TestControlPlane } from './a-control-plane.js';
export { aControlPlane } from './a-control-plane.js';
export { QuietBoard } from './quiet-board.js';
