import type { Slice } from '../../platform/persistence/slice.js';
import { ChangeMembers } from './commands/change-members.js';
import { MembersResolver } from './members.resolver.js';
import { CreateMembers1763700000030 } from './read/create-members.migration.js';
import { MemberQueries } from './read/member-queries.js';
import { MemberRow } from './read/member-row.entity.js';
import { memberProjector } from './read/member.projector.js';

/** Members: who may sign in, and what they may do. */
export const membersSlice: Slice = {
  providers: [MembersResolver, MemberQueries, ChangeMembers],
  projectors: [memberProjector],
  migrations: [CreateMembers1763700000030],
  entities: [MemberRow],
};
