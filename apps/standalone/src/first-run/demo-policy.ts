/** Name of the demonstration policy. */
export const DEMO_POLICY = 'demo';
/** Name of the demonstration identity. */
export const DEMO_IDENTITY = 'demo-agent';

/** Allows `echo` once a minute and nothing else: enough to see an allowed, a denied and a limited call. */
export const DEMO_DOCUMENT = JSON.stringify(
  {
    version: '1',
    description: 'Demonstration: echo once a minute, nothing else.',
    default: 'deny',
    tools: { echo: { limits: [{ counter: 'echo_per_minute', window: 'minute', max: 1, scope: 'grant' }] } },
  },
  null,
  2,
);
