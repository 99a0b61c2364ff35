export type { Gateway, OrganisationStanding } from './gateway.js';
export { DRAIN_MS, buildGateway } from './gateway.js';
export { refuseStarting } from './http/refuse-starting.js';
export type { GatewayParts } from './gateway-parts.js';
export type { StatusSource } from './snapshot/in-process-status-board.js';
export { InProcessStatusBoard } from './snapshot/in-process-status-board.js';
export { logRecovery } from './worker/log-recovery.js';
