import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext } from '@nestjs/graphql';

import type { RequestContext } from '../graphql/request-context.js';
import { meets, REQUIREMENT, type Requirement } from './require-role.js';
import { signInError } from './sign-in-error.js';

/** Lets a root field be used by whom its `@RequireRole` names, and one without it by nobody. */
@Injectable()
export class RoleGuard implements CanActivate {
  private readonly reflector = new Reflector();

  canActivate(context: ExecutionContext): boolean {
    const requirement = this.reflector.get<Requirement | undefined>(REQUIREMENT, context.getHandler());
    const { caller } = GqlExecutionContext.create(context).getContext<RequestContext>();
    if (requirement !== undefined && meets(caller, requirement)) return true;
    throw signInError(caller === undefined ? 'unauthenticated' : 'forbidden');
  }
}
