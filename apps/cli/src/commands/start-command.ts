import type { Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { CommandContext } from '../session/command-context.js';

/** Flags of `start`, handed on as they are. A flag wins over its variable. */
export interface StartFlags {
  readonly listen?: string;
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly demo?: boolean;
  readonly behindProxy?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly gatewayUrl?: string;
}

/** What brings a deployment up; resolves with the exit code when it has ended. */
export type StartDeployment = (flags: StartFlags) => Promise<number>;

/** `start`: control plane and gateway in one process. */
export function addStartCommand(program: Command, kit: CommandKit, start: StartDeployment): void {
  const command = addStartFlags(program.command('start').description('run control plane and gateway in one process, with PostgreSQL brought along'));
  example(command, 'sallyport start', 'sallyport start --listen 127.0.0.1:7500 --data /srv/sallyport --no-demo').action(
    kit.run(async (context: CommandContext, flags: Omit<StartFlags, 'json'>) => {
      context.exitCode = exitOf(await start({ ...flags, json: context.json }));
    }),
  );
}

/** Gives a command every flag of `start` but `--json`, which the CLI has for all commands. */
export function addStartFlags(command: Command): Command {
  return command
    .option('--listen <host:port>', 'where to listen (SALLYPORT_LISTEN); port 0 picks a free one', undefined)
    .option('--data <dir>', 'the data folder (SALLYPORT_DATA)')
    .option('--config <file>', "the operator's file (SALLYPORT_CONFIG)")
    .option('--no-demo', 'skip the demonstration data on the first run')
    .option('--gateway-url <url>', "base of the grants' URLs (SALLYPORT_GATEWAY_URL)")
    .option('--tls-cert <file>', 'certificate chain in PEM, for a listener that the network can reach')
    .option('--tls-key <file>', 'its private key in PEM')
    .option('--behind-proxy', 'a proxy in front ends TLS');
}

function exitOf(code: number): ExitCode {
  if (code === EXIT.done || code === EXIT.usage) return code;
  return EXIT.failed;
}
