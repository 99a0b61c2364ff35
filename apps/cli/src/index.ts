import { once } from 'node:events';
import { homedir } from 'node:os';
import { text } from 'node:stream/consumers';

import type { StartDeployment } from './commands/start-command.js';
import { runCommandLine } from './program.js';

export type { StartDeployment, StartFlags } from './commands/start-command.js';
export { addStartFlags } from './commands/start-command.js';

/** Runs the CLI on this process's streams and returns the exit code. `start` brings up a deployment. */
export async function runCli(argv: readonly string[], parts: { readonly start: StartDeployment }): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => endWithoutReader(error, argv));
  const plain = process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '';
  return runCommandLine(argv, {
    start: parts.start,
    nowMs: () => Date.now(),
    terminal: {
      out: (written) => void process.stdout.write(written),
      outBytes: async (bytes) => {
        if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
      },
      err: (written) => void process.stderr.write(written),
      colour: process.stdout.isTTY === true && !plain,
      progress: process.stderr.isTTY === true && !plain,
      environment: process.env,
      folder: process.cwd(),
      home: homedir(),
      readStdin: () => text(process.stdin),
    },
  });
}

/** Whoever read the output has gone, as `| head` does: nothing is left to do, but for a deployment, which goes on. */
function endWithoutReader(error: NodeJS.ErrnoException, [command]: readonly string[]): void {
  if (error.code !== 'EPIPE') throw error;
  if (command !== 'start') process.exit();
}
