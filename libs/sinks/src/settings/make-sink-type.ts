import { ok, refuse, type Result } from '@sallyport/kernel';

import type { Sink } from '../sink.js';
import type { BatchBounds, SettingProblem, SinkConfiguration, SinkTools, SinkType } from '../sink-type.js';
import { readConfiguration, settingsSchema, type Settings, type ValuesOf } from './settings-reader.js';
import { sinkSettingsFault } from './sink-settings-faults.js';

/** A kind of sink, said over settings that were read. */
export interface SinkTypeOf<Of extends Settings> extends Pick<SinkType, 'name' | 'description' | 'credentials' | 'formats' | 'dedupes' | 'resendMs' | 'ownership' | 'keepsBatches'> {
  readonly settings: Of;
  /** Problems that more than one member has a part in. */
  examine?(values: ValuesOf<Of>, configuration: SinkConfiguration): readonly SettingProblem[];
  bounds(values: ValuesOf<Of>, configuration: SinkConfiguration): BatchBounds;
  guarantee(values: ValuesOf<Of>, configuration: SinkConfiguration): string;
  destination(values: ValuesOf<Of>, configuration: SinkConfiguration): string;
  open(values: ValuesOf<Of>, configuration: SinkConfiguration, tools: SinkTools): Sink;
}

/**
 * Makes the `SinkType` of a description: settings are read in one place, whoever asks.
 *
 * @throws {Fault} from `bounds`, `guarantee`, `destination` and `open` of the type, `sink_settings.not_accepted`: our bug, since `check` was to be asked first.
 */
export function makeSinkType<const Of extends Settings>(of: SinkTypeOf<Of>): SinkType {
  const { name, description, credentials, formats, dedupes, resendMs, ownership, keepsBatches = false } = of;
  const read = (configuration: SinkConfiguration): Result<ValuesOf<Of>, readonly SettingProblem[]> => {
    const values = readConfiguration(of, configuration);
    if (!values.ok) return values;
    const problems = of.examine?.(values.value, configuration) ?? [];
    return problems.length > 0 ? refuse(problems) : values;
  };
  const accepted = (configuration: SinkConfiguration): ValuesOf<Of> => {
    const values = read(configuration);
    if (values.ok) return values.value;
    throw sinkSettingsFault.not_accepted(`${name}: ${values.refusal.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ')}`);
  };
  return {
    ...{ name, description, credentials, formats, dedupes, resendMs, keepsBatches },
    ...(ownership === undefined ? {} : { ownership }),
    settingsSchema: settingsSchema(of.settings),
    check(configuration) {
      const values = read(configuration);
      return values.ok ? ok(undefined) : values;
    },
    bounds: (configuration) => of.bounds(accepted(configuration), configuration),
    guarantee: (configuration) => of.guarantee(accepted(configuration), configuration),
    destination: (configuration) => of.destination(accepted(configuration), configuration),
    open: (configuration, tools) => of.open(accepted(configuration), configuration, tools),
  };
}
