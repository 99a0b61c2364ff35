import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { covers } from '@sallyport/control-domain';

import type { RequestContext } from '../graphql/request-context.js';
import { signInError } from './sign-in-error.js';
import type { Caller } from './caller.js';

/** What a root field may ask of its caller: nothing, a role that covers the named one, or the operator's mark. */
export type Requirement = 'anyone' | 'viewer' | 'auditor' | 'policy_manager' | 'admin' | 'operator';

/** Where `RoleGuard` finds a resolver's requirement. */
export const REQUIREMENT = 'sallyport:requirement';

/** Says who may use a root field. A root field without it is refused to everybody. */
export const RequireRole = (requirement: Requirement) => SetMetadata(REQUIREMENT, requirement);

/** Whether a caller, or a request without one, meets a requirement. */
export function meets(caller: Caller | undefined, requirement: Requirement): boolean {
  if (requirement === 'anyone') return true;
  if (caller === undefined) return false;
  return requirement === 'operator' ? caller.operator : covers(caller.role, requirement);
}

/** The caller of the request, for fields that require one. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = GqlExecutionContext.create(context).getContext<RequestContext>();
  if (caller === undefined) throw signInError('unauthenticated');
  return caller;
});
