import { styleText } from 'node:util';

import type { DemoCall, ReadyReport, RunningProcess, SeenDecision, StartReporter } from './start-reporter.js';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** Lines for a person. Colour only where the terminal has it and `NO_COLOR` is unset. */
export function terminalReporter(write: (text: string) => void, colour: boolean): StartReporter {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  return {
    step: (sentence) => write(`${paint('dim', '·')} ${sentence}\n`),
    adminToken: (token) => write(`\n  Admin token (shown once, kept for the CLI in cli.json):\n  ${paint('bold', token)}\n\n`),
    demoCall: (call) => write(demoLine(call, paint)),
    clientConfig: (config) => write(`\n  Paste this into an MCP client:\n\n${indent(JSON.stringify(config, null, 2))}\n`),
    running: (process) => write(runningLine(process, paint)),
    ended: ({ name, pid }, how) => write(`  ${paint('red', name.padEnd(14))} process ${pid} ended (${how}); the others go on\n`),
    ready: (report) => write(readyLines(report, paint)),
    decision: (decision) => write(decisionLine(decision, paint)),
    stopping: (sentence) => write(`${paint('dim', '·')} ${sentence}\n`),
  };
}

function verdict(outcome: string, paint: Paint): string {
  const style: Style = outcome === 'allowed' ? 'green' : outcome === 'error' || outcome === 'abandoned' ? 'magenta' : 'red';
  return paint(style, outcome.padEnd(9));
}

function demoLine(call: DemoCall, paint: Paint): string {
  return `  ${verdict(call.outcome, paint)} ${`${call.server}/${call.tool}`.padEnd(22)} rule ${call.ruleId ?? '–'}  ${paint('dim', `decision ${call.decisionId}`)}\n`;
}

function readyLines(report: ReadyReport, paint: Paint): string {
  const rows = [
    ['Gateway', report.gatewayUrl],
    ['Admin API', report.graphqlUrl],
    ['Data', report.dataDir],
  ].map(([name, value]) => `  ${(name ?? '').padEnd(10)} ${value}`);
  const next = report.workers === undefined ? 'Decisions as they happen (Ctrl-C stops):' : 'Ctrl-C stops all of it.';
  return `\n${paint('bold', 'Sallyport is ready')} ${paint('dim', `after ${(report.elapsedMs / 1000).toFixed(1)} s`)}\n${rows.join('\n')}\n\n  ${next}\n`;
}

function runningLine({ name, address, pid }: RunningProcess, paint: Paint): string {
  return `  ${paint('green', name.padEnd(14))} ${address.padEnd(28)} ${paint('dim', `process ${pid}`)}\n`;
}

function decisionLine(decision: SeenDecision, paint: Paint): string {
  const time = decision.at.toISOString().slice(11, 19);
  const what = `${decision.server}${decision.tool === null ? '' : `/${decision.tool}`}`;
  const why = decision.ruleId ?? decision.reasonCode ?? '';
  return `  ${paint('dim', time)} ${verdict(decision.outcome, paint)} ${decision.identity.padEnd(14)} ${what.padEnd(22)} ${paint('dim', why)}\n`;
}

function indent(text: string): string {
  return text.split('\n').map((line) => `  ${line}`).join('\n');
}
