export { emptyState, evolveState } from './evolve-state.js';
export type { FoldRefusal } from './fold-refusal.js';
export { FOLD_REFUSALS } from './fold-refusal.js';
export { OrganisationFold } from './organisation-fold.js';
export type { ApprovedTools, GrantState, GrantTokenState, IdentityState, OrganisationState, PolicyState, ServerState, ToolLabelling } from './organisation-state.js';
