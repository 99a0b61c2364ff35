import { AcknowledgeAuditResetDocument, EraseKeptValuesDocument, ReadAuditRetentionDocument, RotateAuditKeyDocument, SetAuditRetentionDocument, type ReadAuditRetentionQuery, type SetAuditRetentionInput } from '@sallyport/graphql-contract';
import { InvalidArgumentError, type Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { refusal } from '../output/answers.js';
import { wholeNumber } from '../output/paging.js';
import { fields, instant } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';

type Retention = ReadAuditRetentionQuery['auditRetention'];

interface RetentionFlags {
  readonly days?: number | 'forever';
  readonly hold?: boolean;
  readonly release?: boolean;
  readonly outrunSinks?: boolean;
  readonly reason?: string;
}

/** `audit retention | erase | rotate-key | acknowledge-reset`. */
export function addAuditSettingsCommands(audit: Command, kit: CommandKit): void {
  const retention = audit
    .command('retention')
    .description('how long audit events are kept; with flags, change it')
    .option('--days <n>', 'keep events for so many days, or forever', daysOrForever)
    .option('--hold', 'hold everything, whatever the days; needs --reason')
    .option('--release', 'end the hold; needs --reason')
    .option('--outrun-sinks', 'remove events whose time is over although a sink has not got them')
    .option('--no-outrun-sinks', 'keep them until every sink has them')
    .option('--reason <text>', 'why; recorded');
  example(retention, 'sallyport audit retention --days 400', 'sallyport audit retention --hold --reason "case 17"').action(
    kit.run(async (context, flags: RetentionFlags) => {
      const input = inputOf(flags);
      if (input === undefined) return show(context, (await context.admin().run(ReadAuditRetentionDocument, {})).auditRetention);
      const { setAuditRetention } = await context.admin().run(SetAuditRetentionDocument, { input });
      if (setAuditRetention.__typename === 'Refusal') return refusal(context, setAuditRetention);
      show(context, setAuditRetention.retention);
    }),
  );
  const erase = audit.command('erase <identity>').description("make the argument values that were kept of an identity's calls unreadable for good: its key is destroyed").requiredOption('--reason <text>', 'why; recorded');
  example(erase, 'sallyport audit erase anna@example.com --reason "asked for by the person, case 21"').action(
    kit.run(async (context, identity: string, { reason }: { reason: string }) => {
      const { eraseKeptValues } = await context.admin().run(EraseKeptValuesDocument, { input: { identity, reason } });
      if (eraseKeptValues.__typename === 'Refusal') return refusal(context, eraseKeptValues);
      const { identityId, erasedAt, hadValues, revision } = eraseKeptValues;
      context.print({ identityId, erasedAt, hadValues, revision }, fields([['identity', identityId], ['erased', instant(erasedAt)], ['had values', hadValues ? 'yes' : 'no']]));
    }),
  );
  example(audit.command('rotate-key').description('make a new key that signs audit streams; the old one announces it').requiredOption('--reason <text>', 'why; recorded'), 'sallyport audit rotate-key --reason "yearly"').action(
    kit.run(async (context, { reason }: { reason: string }) => {
      const { rotateAuditKey } = await context.admin().run(RotateAuditKeyDocument, { input: { reason } });
      if (rotateAuditKey.__typename === 'Refusal') return refusal(context, rotateAuditKey);
      const { keyId, overlapUntil, revision } = rotateAuditKey;
      context.print({ keyId, overlapUntil, revision }, fields([['key', keyId], ['old key signs until', instant(overlapUntil)]]));
    }),
  );
  const acknowledge = audit.command('acknowledge-reset <stream>').description('let a stream be signed again that contradicts what was signed before').requiredOption('--reason <text>', 'why; recorded in the stream');
  example(acknowledge, 'sallyport audit acknowledge-reset 0199… --reason "brought back from the copy of Friday"').action(
    kit.run(async (context, stream: string, { reason }: { reason: string }) => {
      const { acknowledgeAuditReset } = await context.admin().run(AcknowledgeAuditResetDocument, { input: { stream, reason } });
      if (acknowledgeAuditReset.__typename === 'Refusal') return refusal(context, acknowledgeAuditReset);
      const { size, revision } = acknowledgeAuditReset;
      context.print({ stream, size, revision }, fields([['stream', stream], ['signed from', size]]));
    }),
  );
}

function inputOf({ days, hold, release, outrunSinks, reason }: RetentionFlags): SetAuditRetentionInput | undefined {
  if (hold === true && release === true) throw new InvalidArgumentError('Either --hold or --release.');
  const input: SetAuditRetentionInput = {
    ...(days === undefined ? {} : days === 'forever' ? { keepForGood: true } : { days }),
    ...(hold === true ? { legalHold: true } : {}),
    ...(release === true ? { legalHold: false } : {}),
    ...(outrunSinks === undefined ? {} : { outrunSinks }),
    ...(reason === undefined ? {} : { reason }),
  };
  return Object.keys(input).length === 0 ? undefined : input;
}

function daysOrForever(text: string): number | 'forever' {
  return text === 'forever' ? text : wholeNumber(1, 36_500)(text);
}

function show(context: CommandContext, { days, legalHold, holdReason, outrunSinks }: Retention): void {
  const plain = { days: days ?? null, legalHold, holdReason: holdReason ?? null, outrunSinks };
  context.print(plain, fields([['kept', plain.days === null ? 'for good' : `${plain.days} days`], ['legal hold', legalHold ? 'yes' : 'no'], ['waits for sinks', outrunSinks ? 'no' : 'yes'], ...(plain.holdReason === null ? [] : [['reason', plain.holdReason] as const])]));
}
