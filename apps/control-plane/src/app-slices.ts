import type { Slice } from './platform/persistence/slice.js';
import { membersSlice } from './slices/members/members.slice.js';
import { organisationsSlice } from './slices/organisations/organisations.slice.js';
import { tokensSlice } from './slices/tokens/tokens.slice.js';

/** Everything the control plane offers, a line a slice. */
export const appSlices: readonly Slice[] = [organisationsSlice, membersSlice, tokensSlice];
