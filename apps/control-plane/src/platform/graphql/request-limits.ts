import { ApolloArmor } from '@escape.tech/graphql-armor';
import { NoSchemaIntrospectionCustomRule, type ValidationRule } from 'graphql';

import { costRule } from './cost-rule.js';

/** Bounds of one GraphQL request. */
export const GRAPHQL_LIMITS = {
  tokens: 1_000,
  depth: 8,
  aliases: 15,
  directives: 20,
  cost: 1_000,
  bodyBytes: 1_048_576,
  streamsPerToken: 10,
} as const;

/**
 * The rules that hold `GRAPHQL_LIMITS` (tokens are the parser's to count), and keep the schema to itself unless there is
 * an explorer. Subscriptions are validated by the same ones.
 */
export function requestRules(explorer: boolean): readonly ValidationRule[] {
  const { validationRules } = new ApolloArmor({
    maxTokens: { enabled: false },
    maxDepth: { n: GRAPHQL_LIMITS.depth },
    maxAliases: { n: GRAPHQL_LIMITS.aliases },
    maxDirectives: { n: GRAPHQL_LIMITS.directives },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  }).protect();
  const rules = [...validationRules, costRule(GRAPHQL_LIMITS.cost)];
  return explorer ? rules : [...rules, NoSchemaIntrospectionCustomRule];
}
