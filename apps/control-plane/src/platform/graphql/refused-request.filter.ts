import { Catch } from '@nestjs/common';
import type { GqlExceptionFilter } from '@nestjs/graphql';
import { GraphQLError } from 'graphql';

/** What a resolver refuses is told to the caller by `formatGraphqlError`; Nest's own filter would log each caller's mistake as an error of ours. */
@Catch(GraphQLError)
export class RefusedRequestFilter implements GqlExceptionFilter<GraphQLError> {
  catch(refused: GraphQLError): never {
    throw refused;
  }
}
