export { Bootstrap } from './bootstrap.js';
export { buildControlPlane } from './build-control-plane.js';
export type { ControlPlane, ControlPlaneParts } from './control-plane.js';
export type { ControlPlaneStream } from './platform/stream/control-plane-stream.js';
export type { OperatorToken } from './first-run.js';
export type { InspectTarget, InspectUpstream } from './platform/inspect-upstream.js';
export type { AdminTokenParts } from './process/keep-admin-token.js';
export { keepAdminToken } from './process/keep-admin-token.js';
export { upstreamInspector } from './process/upstream-inspector.js';
