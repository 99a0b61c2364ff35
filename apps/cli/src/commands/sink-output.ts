import type { SinkFieldsFragment, SinkHealthFieldsFragment } from '@sallyport/graphql-contract';

import { exitForCode } from '../exit-codes.js';
import { enforcementPart, printError, refusal, type EnforcementAnswer, type RefusalAnswer } from '../output/answers.js';
import { fields, instant } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';

/** Why a mutation of a sink changed nothing: a refusal, or settings with every problem of them. */
export type NotDone = ({ readonly __typename: 'Refusal' } & RefusalAnswer) | ({ readonly __typename: 'SinkRejected'; readonly problems: readonly { readonly pointer: string; readonly message: string }[] } & RefusalAnswer);

type Done = { readonly __typename: string; readonly sink: SinkFieldsFragment; readonly revision: number; readonly enforcement?: EnforcementAnswer | null };
type Row = readonly [string, string | number | null | undefined];

/** Prints the sink after a change, or why nothing changed. `more` goes into the JSON, what `after` says under the lines for people. */
export function answered(context: CommandContext, answer: Done | NotDone, after: (item: ReturnType<typeof sinkItem>) => string = () => '', more: object = {}): void {
  if (!('sink' in answer)) return rejected(context, answer);
  const item = sinkItem(answer.sink);
  context.print({ ...item, ...more, revision: answer.revision, ...enforcementPart(context, answer.enforcement) }, fields([...factsOf(answer.sink), ['revision', answer.revision]]) + after(item));
}

/** Ends the command with a refusal, or with every problem of the settings. */
export function rejected(context: CommandContext, answer: NotDone): void {
  if (!('problems' in answer)) return refusal(context, answer);
  context.exitCode = exitForCode(answer.code);
  if (context.json) return context.terminal.err(`${JSON.stringify({ error: { code: answer.code, message: answer.message, pointer: answer.pointer, problems: answer.problems } })}\n`);
  for (const { pointer, message } of answer.problems) printError(context, { code: answer.code, message, pointer });
}

/** A sink as scripts see it. */
export function sinkItem(sink: SinkFieldsFragment) {
  const { id, name, type, status, destination, guarantee, settings, credentials, filter, format, formatVersion, afterSeq, confirmedBy, pause, createdAt, revision } = sink;
  return {
    sinkId: id,
    ...{ name, type, status, settings, credentials, format, afterSeq, createdAt, revision },
    destination: destination ?? null,
    guarantee: guarantee ?? null,
    filter: { types: filter.types, outcomes: filter.outcomes },
    formatVersion: formatVersion ?? null,
    confirmedBy: confirmedBy ?? null,
    pause: pause ? { cause: pause.cause, reason: pause.reason, advice: pause.advice ?? null, since: pause.since ?? null } : null,
  };
}

/** A sink for people. */
export function factsOf(sink: SinkFieldsFragment): readonly Row[] {
  const { types, outcomes } = sink.filter;
  return [
    ['sink', sink.id],
    ['name', sink.name],
    ['kind', sink.type],
    ['status', sink.status],
    ...pauseRows(sink),
    ['to', sink.destination],
    ['promises', sink.guarantee],
    ['format', sink.formatVersion ? `${sink.format} ${sink.formatVersion}` : sink.format],
    ['events', [...types, ...outcomes].join(', ') || 'all'],
    ['credentials', sink.credentials.join(', ') || 'none'],
    ['confirmed by', sink.confirmedBy],
  ];
}

/** How a sink keeps up, for people. */
export function healthLine(sink: SinkFieldsFragment & SinkHealthFieldsFragment): readonly Row[] {
  const { health } = sink;
  const begun: readonly Row[] =
    health === null || health === undefined
      ? [['export', 'has not begun']]
      : [
          ['lag', `${health.lagEvents} events, ${Math.round(health.lagSeconds)} s`],
          ['oldest waiting', instant(health.oldestUndelivered)],
          ['rate', `${health.eventsPerSecond.toFixed(1)} events/s`],
          ['delivered', `${health.delivered} (up to ${health.cursor})`],
          ['last delivered', instant(health.lastDeliveredAt)],
          ['dead letters', health.deadLetters],
          ['last error', health.lastError ? `${health.lastError.class}: ${health.lastError.reason} (${instant(health.lastError.at)})` : 'none'],
          ['next attempt', health.retryAt ? instant(health.retryAt) : 'as events come'],
        ];
  const replays: readonly Row[] = sink.replays.filter(({ state }) => state === 'running').map(({ id, fromSeq, toSeq, nextSeq }) => ['replay', `${id}: ${fromSeq}–${toSeq}, next ${nextSeq}`]);
  return [['name', sink.name], ['status', sink.status], ...pauseRows(sink), ['promises', sink.guarantee], ...begun, ...replays];
}

function pauseRows({ pause }: SinkFieldsFragment): readonly Row[] {
  return pause ? [['why', `${pause.cause}: ${pause.reason}`], ['what to do', pause.advice]] : [];
}
