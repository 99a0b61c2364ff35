import { defineFaults } from '@sallyport/kernel';

/** What goes wrong around the settings of sinks. */
export const sinkSettingsFault = defineFaults('sink_settings', {
  not_accepted: { kind: 'invariant', retry: 'never', publicText: 'The settings of this export cannot be used. Set it up again.' },
});
