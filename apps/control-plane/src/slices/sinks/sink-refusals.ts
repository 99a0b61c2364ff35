import type { SinkRefusalCode } from '@sallyport/control-domain';
import type { SettingProblem } from '@sallyport/sinks';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { RefusalSentences } from '../../platform/commands/refusal-at.js';

/** What a person reads when a sink is not added or changed. */
export const sinkRefusals: RefusalSentences<SinkRefusalCode> = {
  'sink.unknown': 'There is no such sink.',
  'sink.exists': 'This sink was added before.',
  'sink.name_invalid': 'A name has 1 to 100 characters of A-Z, a-z, 0-9, ".", "_" and "-", begins with a letter or digit, and does not look like an id.',
  'sink.name_taken': 'Another sink has this name.',
  'sink.too_many': 'An organisation has at most 100 sinks.',
  'sink.settings_too_long': 'Settings have at most 32,768 characters as JSON.',
  'sink.filter_type_invalid': 'No event has such a type. Write one such as call.decided, or all that begin alike: call.*, admin.grant.*.',
  'sink.filter_too_long': 'A filter has at most 64 types.',
  'sink.filter_outcome_invalid': 'This is no outcome. Outcomes are allowed, denied, limited, approval_required, abandoned, error, success and failure.',
  'sink.credential_unknown': 'The sink has no credential of this name.',
  'sink.credential_repeated': 'This credential is given twice.',
  'sink.credentials_bound_to_receiver': 'These settings lead to another receiver. Give every credential again, or remove it: secrets stay with the receiver they were given for.',
  'sink.reason_invalid': 'A reason has at most 1,000 characters, without control characters.',
};

/** Settings, credentials or a format that the kind of sink does not accept: the first problem stands for all. */
export interface SinkRejection extends Refusal {
  readonly problems: readonly SettingProblem[];
}

/** Every problem at once, as a refusal. There is one at least. */
export function rejection(problems: readonly SettingProblem[]): SinkRejection {
  const [first] = problems;
  return { code: 'sink.rejected', message: first?.message ?? 'The settings are not accepted.', pointer: first?.pointer ?? '', problems };
}

/** A kind of sink that there is not. */
export const unknownType: Refusal = { code: 'sink.type_unknown', message: 'This version of Sallyport has no such kind of sink: see the list of kinds.', pointer: '/type' };

/** A sink whose kind this version no longer has. */
export const orphanedType: Refusal = { code: 'sink.type_unknown', message: 'This version of Sallyport has no sinks of this kind any more. Remove it, and add another.', pointer: '/sink' };
