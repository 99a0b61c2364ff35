import { SimulatePolicyDocument, type SimulatePolicySubscription, type SimulationReportFieldsFragment } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { EXIT } from '../exit-codes.js';
import { refusal } from '../output/answers.js';
import { instantBefore } from '../output/durations.js';
import { rejected } from '../output/findings.js';
import { wholeNumber } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import { subscribe } from '../session/subscribe.js';
import { policySource } from './policy-source.js';

type Step = SimulatePolicySubscription['simulatePolicy'];

interface SimulateFlags {
  readonly since: string;
  readonly until?: string;
  readonly of?: string;
  readonly identity?: string;
  readonly server?: string;
  readonly examples: number;
}

/** `policy simulate NAME|FILE --since 7d`: which recorded calls would come to something else. */
export function addPolicySimulateCommand(policy: Command, kit: CommandKit): void {
  const simulate = policy
    .command('simulate <policy>')
    .description('replay recorded calls under a version, NAME@N, or a draft file; nothing is changed or sent')
    .requiredOption('--since <time>', 'calls from then on: a time, or 7d', instantBefore(kit.nowMs))
    .option('--until <time>', 'calls before then', instantBefore(kit.nowMs))
    .option('--of <policy>', 'the policy whose recorded calls are replayed; by default the one simulated, and for a file those of all')
    .option('--identity <identity>', 'count only its calls')
    .option('--server <server>', 'count only calls to it')
    .option('--examples <n>', 'examples of each kind of change', wholeNumber(0, 100), 5);
  example(simulate, 'sallyport policy simulate refunds@4 --since 7d', 'sallyport policy simulate draft.json --of refunds --since 24h --server payments').action(
    kit.run(async (context, given: string, flags: SimulateFlags) => {
      const { since, until, of, identity, server, examples } = flags;
      const input = { policy: await policySource(given, context.terminal), since, until: until ?? null, of: of ?? null, identity: identity ?? null, server: server ?? null, examples };
      let last: Step | undefined;
      const line = progressLine(context);
      const subscribing = { query: SimulatePolicyDocument.toString(), variables: { input }, retries: 0 };
      const interrupted = await subscribe<SimulatePolicySubscription>(context, subscribing, ({ simulatePolicy }) => {
        last = simulatePolicy;
        if (simulatePolicy.__typename === 'SimulationProgress') line.draw(simulatePolicy);
      }).finally(line.wipe);
      tell(context, last, interrupted);
    }),
  );
}

function tell(context: CommandContext, last: Step | undefined, interrupted: boolean): void {
  switch (last?.__typename) {
    case 'SimulationReport':
      return context.print(plainReport(last), reportText(last));
    case 'PolicyRejected':
      return rejected(context, last);
    case 'Refusal':
      return refusal(context, last);
    case 'SimulationProgress':
    case undefined:
      context.exitCode = EXIT.failed;
      throw cliFault.call_failed(interrupted ? 'Stopped before the end: there is no report.' : 'The simulation ended without a report.');
  }
}

/** A line on the terminal that says how far the replay has come; nothing where stderr is no terminal. */
function progressLine({ terminal }: CommandContext): { readonly draw: (step: { taken: number; total: number }) => void; readonly wipe: () => void } {
  let isDrawn = false;
  return {
    draw: ({ taken, total }) => {
      if (!terminal.progress) return;
      isDrawn = true;
      const share = total === 0 ? 100 : Math.floor((100 * taken) / total);
      terminal.err(`\r\u001b[2KReplayed ${taken} of ${total} calls (${Math.min(share, 100)} %)`);
    },
    wipe: () => {
      if (isDrawn) terminal.err('\r\u001b[2K');
    },
  };
}

/** The report without the names of GraphQL's types. */
function plainReport(report: SimulationReportFieldsFragment): unknown {
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === '__typename' ? undefined : value)));
}

function reportText(report: SimulationReportFieldsFragment): string {
  const { counted, changed, unchanged, unknown, outside, outcomes, examples, unknownExamples } = report;
  const head = fields([['calls', counted], ['would change', changed], ['stay the same', unchanged], ['cannot be told', unknown], ['not a policy’s', outside]]);
  const moved = outcomes.filter(({ was, wouldBe }) => was !== wouldBe);
  if (moved.length === 0) return head;
  const counts = table(['was', 'would be', 'calls'], moved.map(({ was, wouldBe, calls }) => [was, wouldBe, calls]), '');
  const rows = [
    ...examples.map(({ at, tool, was, wouldBe, decisionId }) => [instant(at), tool, was.outcome, wouldBe.outcome, wouldBe.ruleId, decisionId]),
    ...unknownExamples.map(({ at, tool, was, needed, decisionId }) => [instant(at), tool, was.outcome, 'unknown', needed[0], decisionId]),
  ];
  return `${head}\n${counts}\n${table(['at', 'tool', 'was', 'would be', 'rule', 'decision'], rows, 'No examples.')}`;
}
