import type { StartReporter } from './start-reporter.js';

/** One JSON object a line on stdout: `ready`, and on a first run `admin_token`, `demo_call`, `client_config`; of a distributed deployment also `process_ended`. Everything else goes to the log. */
export function jsonReporter(write: (line: string) => void): StartReporter {
  const emit = (event: string, rest: object): void => write(`${JSON.stringify({ event, ...rest })}\n`);
  return {
    step: () => undefined,
    adminToken: (token) => emit('admin_token', { token }),
    demoCall: ({ server, tool, outcome, decisionId, ruleId }) => emit('demo_call', { server, tool, outcome, decisionId, ruleId }),
    clientConfig: (config) => emit('client_config', { config }),
    running: () => undefined,
    ended: ({ role, name, pid }, how) => emit('process_ended', { role, name, pid, how }),
    ready: (report) => emit('ready', report),
    decision: () => undefined,
    stopping: () => undefined,
  };
}
