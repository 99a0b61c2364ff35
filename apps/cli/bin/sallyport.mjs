#!/usr/bin/env node
// The `sallyport` command: the CLI, and `start` for the deployment in one process. The two meet only here.
const { runCli } = await import('../dist/index.js');
process.exitCode = await runCli(process.argv.slice(2), {
  start: async (flags) => (await import('../../standalone/dist/index.js')).runStart(flags),
});
