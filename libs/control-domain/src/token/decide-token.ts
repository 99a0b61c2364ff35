import type { Role, TokenIssued, TokenRevoked } from '@sallyport/domain-events';
import { ok, refuse, type EpochMs, type Result } from '@sallyport/kernel';

import { covers } from '../member/roles.js';
import type { AdminToken } from './token.js';

const DAY_MS = 24 * 3_600_000;
/** How long a token lives when nobody says, milliseconds. */
export const DEFAULT_TOKEN_LIFE_MS = 90 * DAY_MS;
/** How long a token may live, milliseconds. */
export const LONGEST_TOKEN_LIFE_MS = 365 * DAY_MS;
const LONGEST_LABEL = 100;
const LONGEST_REASON = 500;

/** A change of one token. `issuerRole` and `memberRole` bound its role; the token never outlives `LONGEST_TOKEN_LIFE_MS`. */
export type TokenCommand =
  | {
      readonly type: 'issue';
      readonly token: TokenIssued['data'];
      readonly issuerRole: Role;
      readonly memberRole: Role;
      readonly now: EpochMs;
    }
  | { readonly type: 'revoke'; readonly reason: string };

/** Why a token is not issued or revoked. */
export type TokenRefusal =
  | 'token.exists'
  | 'token.unknown'
  | 'token.already_revoked'
  | 'token.role_too_high'
  | 'token.label_invalid'
  | 'token.expiry_invalid'
  | 'token.reason_invalid';

/** What a command means for a token: the new facts, or the one reason it is refused. */
export function decideToken(command: TokenCommand, token: AdminToken): Result<readonly (TokenIssued | TokenRevoked)[], TokenRefusal> {
  if (command.type === 'issue') return issue(command, token);
  if (token.status === 'absent') return refuse('token.unknown');
  if (token.status === 'revoked') return refuse('token.already_revoked');
  if (command.reason.length > LONGEST_REASON) return refuse('token.reason_invalid');
  return ok([{ type: 'token.revoked', version: 1, data: { tokenId: token.tokenId, reason: command.reason } }]);
}

function issue(command: TokenCommand & { type: 'issue' }, token: AdminToken): Result<readonly TokenIssued[], TokenRefusal> {
  if (token.status !== 'absent') return refuse('token.exists');
  const { role, label, expiresAt } = command.token;
  if (!covers(command.issuerRole, role) || !covers(command.memberRole, role)) return refuse('token.role_too_high');
  if (label.length > LONGEST_LABEL || /[\p{Cc}\p{Cs}]/u.test(label)) return refuse('token.label_invalid');
  const lifeMs = Date.parse(expiresAt) - command.now;
  if (!(lifeMs > 0 && lifeMs <= LONGEST_TOKEN_LIFE_MS)) return refuse('token.expiry_invalid');
  return ok([{ type: 'token.issued', version: 1, data: command.token }]);
}
