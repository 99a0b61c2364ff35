import type { SealedCredential, SinkAdded, SinkChanged, SinkConfirmed, SinkPaused, SinkRemoved, SinkResumed } from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { isFreeText } from '../free-text.js';
import { MAX_REASON } from '../grant/grant.js';
import { isSinkName } from '../names.js';
import { filterProblem } from './filter-problem.js';
import { MAX_SETTINGS, MAX_SINKS, type Sink, type SinkCommand, type SinkConfigured, type SinkRefusal } from './sink.js';

/** The facts a decision about a sink can produce. */
export type SinkFact = SinkAdded | SinkChanged | SinkConfirmed | SinkPaused | SinkResumed | SinkRemoved;

type Decided = Result<readonly SinkFact[], SinkRefusal>;
type CommandOf<Type extends SinkCommand['type']> = Extract<SinkCommand, { readonly type: Type }>;
type PresentSink = Extract<Sink, { readonly status: 'present' }>;

/** What a command means for a sink: the new facts, none where it is so already, or why it is refused. */
export function decideSink(command: SinkCommand, sink: Sink): Decided {
  if (command.type === 'add') return add(command, sink);
  if (sink.status !== 'present') return refuse({ code: 'sink.unknown', pointer: '/sink' });
  if ('reason' in command && !isFreeText(command.reason, MAX_REASON)) return refuse({ code: 'sink.reason_invalid', pointer: '/reason' });
  const { sinkId } = sink;
  switch (command.type) {
    case 'change':
      return change(command, sink);
    case 'confirm':
      return ok(sink.confirmed === null ? [{ type: 'sink.confirmed', version: 1, data: { sinkId, how: command.how } }] : []);
    case 'pause':
      return ok(sink.paused === null ? [{ type: 'sink.paused', version: 1, data: { sinkId, reason: command.reason } }] : []);
    case 'resume':
      return ok(sink.paused !== null || command.halted ? [{ type: 'sink.resumed', version: 1, data: { sinkId, reason: command.reason } }] : []);
    case 'remove':
      return ok([{ type: 'sink.removed', version: 1, data: { sinkId, reason: command.reason } }]);
  }
}

function add(command: CommandOf<'add'>, sink: Sink): Decided {
  const { sinkId, name, sinkType, settings, credentials, filter, format, formatVersion, afterSeq } = command;
  if (sink.status !== 'absent') return refuse({ code: 'sink.exists', pointer: '' });
  if (!isSinkName(name)) return refuse({ code: 'sink.name_invalid', pointer: '/name' });
  if (command.nameTaken) return refuse({ code: 'sink.name_taken', pointer: '/name' });
  if (command.others >= MAX_SINKS) return refuse({ code: 'sink.too_many', pointer: '' });
  const problem = configurationProblem({ settings, filter }) ?? repeatedCredential(credentials, '/credentials');
  if (problem !== undefined) return refuse(problem);
  return ok([{ type: 'sink.added', version: 1, data: { sinkId, name, sinkType, settings, credentials, filter, format, formatVersion, afterSeq } }]);
}

function change(command: CommandOf<'change'>, sink: PresentSink): Decided {
  const problem = credentialsProblem(command, sink);
  if (problem !== undefined) return refuse(problem);
  const replaced = new Set([...command.removeCredentials, ...command.setCredentials.map(({ name }) => name)]);
  const kept = sink.credentials.filter(({ name }) => !replaced.has(name));
  // Whoever may change where a sink leads must not learn there what a credential is.
  if (kept.length > 0 && !command.sameReceiver) return refuse({ code: 'sink.credentials_bound_to_receiver', pointer: '/settings' });
  const next: SinkConfigured = {
    settings: command.settings ?? sink.settings,
    credentials: [...kept, ...command.setCredentials],
    filter: command.filter ?? sink.filter,
    format: command.format ?? sink.format,
    formatVersion: command.formatVersion === undefined ? sink.formatVersion : command.formatVersion,
  };
  const wrong = configurationProblem(next);
  if (wrong !== undefined) return refuse(wrong);
  return ok(textOf(next) === textOf(sink) ? [] : [{ type: 'sink.changed', version: 1, data: { sinkId: sink.sinkId, ...next } }]);
}

function credentialsProblem({ setCredentials, removeCredentials }: CommandOf<'change'>, sink: PresentSink): SinkRefusal | undefined {
  const at = removeCredentials.findIndex((name) => !sink.credentials.some((held) => held.name === name));
  if (at >= 0) return { code: 'sink.credential_unknown', pointer: `/removeCredentials/${at}` };
  return repeatedCredential(setCredentials, '/setCredentials');
}

function repeatedCredential(credentials: readonly SealedCredential[], pointer: string): SinkRefusal | undefined {
  const at = credentials.findIndex(({ name }, index) => credentials.findIndex((other) => other.name === name) < index);
  return at < 0 ? undefined : { code: 'sink.credential_repeated', pointer: `${pointer}/${at}/name` };
}

function configurationProblem({ settings, filter }: Pick<SinkConfigured, 'settings' | 'filter'>): SinkRefusal | undefined {
  if (settings.length > MAX_SETTINGS) return { code: 'sink.settings_too_long', pointer: '/settings' };
  return filterProblem(filter);
}

function textOf({ settings, credentials, filter, format, formatVersion }: SinkConfigured): string {
  return JSON.stringify([settings, credentials.map(({ name, sealedValue }) => [name, sealedValue]), filter.types, filter.outcomes, format, formatVersion]);
}
