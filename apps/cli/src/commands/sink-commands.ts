import {
  AddSinkDocument, ChangeSinkDocument, ConfirmSinkDocument, ListSinksDocument, ListSinkTypesDocument, PauseSinkDocument, RemoveSinkDocument, ResumeSinkDocument, ShowSinkDocument, TestSinkDocument,
  type ExportFormat, type SinkTypeName,
} from '@sallyport/graphql-contract';
import { isJsonObject } from '@sallyport/kernel';
import { Argument, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, withWait, type CommandKit, type Wait } from '../command-kit.js';
import { enforcementPart, refusal } from '../output/answers.js';
import { moreLine, pageOf, pageVariables, wholeNumber, withPaging, type PageFlags } from '../output/paging.js';
import { fields, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import { addSinkDeliveryCommands } from './sink-delivery-commands.js';
import { collectCredential, collectSetting, collectText, credentialsOf, exportFormat, settingsOf, sinkType, type CredentialFlag, type SettingFlag } from './sink-input.js';
import { answered, factsOf, healthLine, rejected, sinkItem } from './sink-output.js';
import { addWebhookKeyCommand } from './webhook-key-command.js';


interface SetUpFlags {
  readonly set?: readonly SettingFlag[];
  readonly credential?: readonly CredentialFlag[];
  readonly filter?: readonly string[];
  readonly outcome?: readonly string[];
  readonly format?: ExportFormat;
  readonly formatVersion?: string;
  readonly wait: Wait;
}

interface AddFlags extends SetUpFlags {
  readonly afterSeq?: number;
}

interface ChangeFlags extends SetUpFlags {
  readonly unset?: readonly string[];
  readonly removeCredential?: readonly string[];
}

const LARGEST_SEQ = Number.MAX_SAFE_INTEGER;

/** `sink add | set | types | list | show | health | test | confirm | pause | resume | remove`, what goes out by sinks, and keys of webhooks. */
export function addSinkCommands(program: Command, kit: CommandKit): void {
  const sink = program.command('sink').description('sinks: where audit events are exported to');
  addSettingUp(sink, kit);
  addReading(sink, kit);
  addOnboarding(sink, kit);
  addStanding(sink, kit);
  addSinkDeliveryCommands(sink, kit);
  addWebhookKeyCommand(sink, kit);
}

function withSetUp(command: Command): Command {
  return withWait(command)
    .option('--set <key=value>', 'a setting; JSON, text, or @FILE; see sallyport sink types KIND', collectSetting)
    .option('--credential <name=@FILE>', 'a secret, from a file or, with name=-, from standard input', collectCredential)
    .option('--filter <type>', 'only events of this type, such as call.decided or call.*; may be repeated', collectText)
    .option('--outcome <outcome>', 'only events that ended so, such as denied; may be repeated', collectText)
    .option('--format <format>', 'native, ocsf, ecs, cef, leef, otlp or parquet', exportFormat)
    .option('--format-version <version>', "version of the format's schema");
}

function addSettingUp(sink: Command, kit: CommandKit): void {
  const add = withSetUp(sink.command('add').addArgument(new Argument('<type>', 'kind of sink').argParser(sinkType)).argument('<name>', 'its name').description('add a sink; it sends nothing before it is confirmed')).option(
    '--after-seq <seq>',
    'begin after this place in the stream, 0 for everything there is; by default with what comes from now on',
    wholeNumber(0, LARGEST_SEQ),
  );
  example(add, 'sallyport sink add webhook siem --set url=https://siem.example.com/in --credential signing_key=@key.txt --filter call.* --outcome denied', 'sallyport sink confirm siem').action(
    kit.run(async (context, type: SinkTypeName, name: string, flags: AddFlags) => {
      const input = { type, name, settings: settingsOf(flags.set ?? []), credentials: credentialsOf(flags.credential ?? []), afterSeq: flags.afterSeq ?? null, ...formOf(flags) };
      const { addSink } = await context.admin().run(AddSinkDocument, { input });
      answered(context, addSink, (item) => (item.status === 'unconfirmed' ? `\nNothing goes out before the receiver is confirmed: sallyport sink confirm ${item.name}\n` : ''));
    }),
  );
  const change = withSetUp(sink.command('set <sink>').description('change a sink; what is not named stays'))
    .option('--unset <key>', 'take a setting out; may be repeated', collectText)
    .option('--remove-credential <name>', 'remove a secret; may be repeated', collectText);
  example(change, 'sallyport sink set siem --credential signing_key=@new.txt').action(
    kit.run(async (context, id: string, flags: ChangeFlags) => {
      const settings = flags.set === undefined && flags.unset === undefined ? {} : { settings: await changedSettings(context, id, flags) };
      const input = { sink: id, ...settings, setCredentials: credentialsOf(flags.credential ?? []), removeCredentials: [...(flags.removeCredential ?? [])], ...formOf(flags) };
      const { changeSink } = await context.admin().run(ChangeSinkDocument, { input });
      answered(context, changeSink, (item) => (item.status === 'unconfirmed' ? `\nThe receiver is to be confirmed again: sallyport sink confirm ${item.name}\n` : ''));
    }),
  );
}

/** What both say of the events: which, and in which form. What nobody says stays out of the request. */
function formOf({ filter, outcome, format, formatVersion, wait }: SetUpFlags) {
  return {
    waitFor: wait,
    ...(filter === undefined && outcome === undefined ? {} : { filter: { types: [...(filter ?? [])], outcomes: [...(outcome ?? [])] } }),
    ...(format === undefined ? {} : { format }),
    ...(formatVersion === undefined ? {} : { formatVersion }),
  };
}

async function changedSettings(context: CommandContext, id: string, { set = [], unset = [] }: ChangeFlags) {
  const { settings } = await find(context, id);
  const before = isJsonObject(settings) ? settings : {};
  return settingsOf(set, Object.fromEntries(Object.entries(before).filter(([key]) => !unset.includes(key))));
}

function addReading(sink: Command, kit: CommandKit): void {
  example(sink.command('types').argument('[kind]', 'show its settings').description('list the kinds of sink and what they promise'), 'sallyport sink types', 'sallyport sink types splunk_hec').action(
    kit.run(async (context, kind: string | undefined) => showTypes(context, kind)),
  );
  example(withPaging(sink.command('list').description('list sinks and how they keep up')), 'sallyport sink list').action(
    kit.run(async (context, flags: PageFlags) => {
      const { sinks } = await context.admin().run(ListSinksDocument, pageVariables(flags));
      const page = pageOf(sinks, (node) => ({ ...sinkItem(node), health: node.health ?? null }));
      const rows = page.items.map((item) => [item.name, item.type, item.status, item.destination, item.health?.lagEvents, item.health?.deadLetters, item.pause?.reason]);
      context.print(page, table(['name', 'kind', 'status', 'to', 'lag', 'dead', 'why'], rows, 'No sinks.') + moreLine(page));
    }),
  );
  example(sink.command('show <sink>').description('show one sink'), 'sallyport sink show siem').action(
    kit.run(async (context, id: string) => {
      const found = await find(context, id);
      context.print({ ...sinkItem(found), health: found.health ?? null, replays: found.replays }, `${fields(factsOf(found))}\nSettings:\n${JSON.stringify(found.settings, null, 2)}\n`);
    }),
  );
  example(sink.command('health <sink>').description('show how well a sink keeps up, and why it does not'), 'sallyport sink health siem').action(
    kit.run(async (context, id: string) => {
      const found = await find(context, id);
      const { sinkId, name, status, pause, guarantee } = sinkItem(found);
      context.print({ sinkId, name, status, pause, guarantee, health: found.health ?? null, replays: found.replays }, fields(healthLine(found)));
    }),
  );
}

async function showTypes(context: CommandContext, kind: string | undefined): Promise<void> {
  const { sinkTypes } = await context.admin().run(ListSinkTypesDocument, {});
  if (kind === undefined) {
    const rows = sinkTypes.nodes.map((type) => [type.name, type.confirmedBy, type.formats.join(' '), type.guarantee]);
    const pull = `\nOr read them yourself (${sinkTypes.pull.query}): ${sinkTypes.pull.guarantee} ${sinkTypes.pull.how}\n`;
    return context.print({ items: sinkTypes.nodes, pull: sinkTypes.pull }, table(['kind', 'confirmed by', 'formats', 'promises'], rows, 'No kinds of sink.') + pull);
  }
  const type = sinkTypes.nodes.find(({ name }) => name === sinkType(kind));
  if (type === undefined) throw cliFault.not_found(`This deployment has no sinks of the kind ${kind}.`);
  const credentials = table(['credential', 'required', 'is'], type.credentials.map(({ name, required, description }) => [name, required ? 'yes' : 'no', description]), 'No credentials.');
  context.print(type, `${type.description}\n\n${fields([['kind', type.name], ['promises', type.guarantee], ['formats', type.formats.join(', ')], ['confirmed by', type.confirmedBy]])}\n${credentials}\nSettings:\n${JSON.stringify(type.settingsSchema, null, 2)}\n`);
}

function addOnboarding(sink: Command, kit: CommandKit): void {
  example(sink.command('test <sink>').description('deliver one test event and show what the receiver said'), 'sallyport sink test siem').action(
    kit.run(async (context, id: string) => {
      const { testSink } = await context.during('Waiting for the receiver', context.admin().run(TestSinkDocument, { input: { sink: id } }));
      if (!('taken' in testSink)) return rejected(context, testSink);
      const { taken, receiver, advice, sample, preview } = testSink;
      if (!taken) context.exitCode = 1;
      context.print({ sinkId: testSink.sink.id, taken, receiver, advice: advice ?? null, sample, preview: preview ?? null }, `${fields([['taken', taken ? 'yes' : 'no'], ['receiver', receiver], ['advice', advice]])}\nSent:\n${preview ?? JSON.stringify(sample, null, 2)}\n`);
    }),
  );
  const confirm = withWait(sink.command('confirm <sink>').description("show that the receiver is yours: it is challenged, or sent a code to look for there")).option('--code <code>', 'the code that arrived at the receiver');
  example(confirm, 'sallyport sink confirm siem', 'sallyport sink confirm siem --code 7KQD-M2XW').action(
    kit.run(async (context, id: string, flags: { code?: string; wait: Wait }) => {
      const input = { sink: id, code: flags.code ?? null, waitFor: flags.wait };
      const { confirmSink } = await context.during('Waiting for the receiver', context.admin().run(ConfirmSinkDocument, { input }));
      if (!('codeSent' in confirmSink)) return rejected(context, confirmSink);
      const next = `\nA test event was sent. Look for its code at the receiver (admin.sink.tested), then: sallyport sink confirm ${confirmSink.sink.name} --code CODE\n`;
      answered(context, confirmSink, () => (confirmSink.codeSent ? next : ''), { codeSent: confirmSink.codeSent, receiver: confirmSink.receiver ?? null });
    }),
  );
}

function addStanding(sink: Command, kit: CommandKit): void {
  const reasoned = (command: Command) => withWait(command).option('--reason <text>', 'why, for the record', '');
  example(reasoned(sink.command('pause <sink>').description('stop a sink at its place in the stream')), "sallyport sink pause siem --reason 'moving the receiver'").action(
    kit.run(async (context, id: string, flags: { reason: string; wait: Wait }) => {
      answered(context, (await context.admin().run(PauseSinkDocument, { input: { sink: id, reason: flags.reason, waitFor: flags.wait } })).pauseSink);
    }),
  );
  example(reasoned(sink.command('resume <sink>').description('let a sink go on from where it stopped')), 'sallyport sink resume siem').action(
    kit.run(async (context, id: string, flags: { reason: string; wait: Wait }) => {
      answered(context, (await context.admin().run(ResumeSinkDocument, { input: { sink: id, reason: flags.reason, waitFor: flags.wait } })).resumeSink);
    }),
  );
  example(reasoned(sink.command('remove <sink>').description('end a sink, and forget its place and its dead letters')), "sallyport sink remove siem --reason 'no longer used'").action(
    kit.run(async (context, id: string, flags: { reason: string; wait: Wait }) => {
      const { removeSink } = await context.admin().run(RemoveSinkDocument, { input: { sink: id, reason: flags.reason, waitFor: flags.wait } });
      if (!('sinkId' in removeSink)) return refusal(context, removeSink);
      const { sinkId, revision, enforcement } = removeSink;
      context.print({ sinkId, revision, ...enforcementPart(context, enforcement) }, fields([['removed', sinkId], ['revision', revision]]));
    }),
  );
}

async function find(context: CommandContext, id: string) {
  const { sink } = await context.admin().run(ShowSinkDocument, { sink: id });
  if (sink === null || sink === undefined) throw cliFault.not_found(`There is no sink ${id}.`);
  return sink;
}

