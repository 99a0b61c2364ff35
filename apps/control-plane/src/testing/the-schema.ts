import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { mergeTypeDefs } from '@graphql-tools/merge';
import { buildASTSchema, type GraphQLSchema } from 'graphql';

/** The schema of every `.graphql` file of this app. */
export function theSchema(): GraphQLSchema {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.graphql'));
  return buildASTSchema(mergeTypeDefs(files.map((name) => readFileSync(join(root, name), 'utf8'))));
}
