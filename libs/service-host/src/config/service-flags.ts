import { parseArgs } from 'node:util';

import { ok, refuse, type Result } from '@sallyport/kernel';

import type { ServiceFlags } from './service-config.js';

/** Flags of a process that is not started through the CLI: those that all take, and its own by name. */
export interface ProcessFlags extends ServiceFlags {
  /** Stop when stdin ends: whoever started the process holds the other end of it. */
  readonly stopWithStdin: boolean;
  /** Values of the process's own flags, by name without dashes. */
  readonly own: Readonly<Record<string, string | undefined>>;
}

const VALUES = ['listen', 'data', 'config', 'tls-cert', 'tls-key', 'gateway-url'] as const;
const SWITCHES = ['json', 'behind-proxy', 'stop-with-stdin', 'help'] as const;

/**
 * Reads a command line of `--flag value` pairs.
 *
 * @param own Names of further flags that take a value.
 * @returns the flags; or one sentence for the operator, which is the list of flags when `--help` was given.
 */
export function readProcessFlags(argv: readonly string[], own: readonly string[]): Result<ProcessFlags, string> {
  const names = [...VALUES, ...own];
  const options = Object.fromEntries([...names.map((name) => [name, { type: 'string' as const }]), ...SWITCHES.map((name) => [name, { type: 'boolean' as const }])]);
  let values: Readonly<Record<string, unknown>>;
  try {
    ({ values } = parseArgs({ args: [...argv], options, strict: true }));
  } catch (caught) {
    return refuse(`${firstLine(caught)} The flags are: ${flagList(names)}.`);
  }
  if (values['help'] === true) return refuse(`The flags are: ${flagList(names)}.`);
  return ok(flagsFrom(values, own));
}

function flagsFrom(values: Readonly<Record<string, unknown>>, own: readonly string[]): ProcessFlags {
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const given = { listen: text('listen'), data: text('data'), config: text('config'), tlsCert: text('tls-cert'), tlsKey: text('tls-key'), gatewayUrl: text('gateway-url') };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    json: values['json'] === true,
    behindProxy: values['behind-proxy'] === true,
    stopWithStdin: values['stop-with-stdin'] === true,
    own: Object.fromEntries(own.map((name) => [name, text(name)])),
  };
}

function flagList(names: readonly string[]): string {
  return [...names.map((name) => `--${name} …`), ...SWITCHES.map((name) => `--${name}`)].join(', ');
}

function firstLine(caught: unknown): string {
  const line = caught instanceof Error ? (caught.message.split('\n')[0] ?? '') : String(caught);
  return line.endsWith('.') ? line : `${line}.`;
}
