import { z } from 'zod';

/** Every variable of our own that exists, in this deployment or another; any other `SALLYPORT_*` is a mistake. */
const KNOWN = {
  SALLYPORT_LISTEN: z.string().min(1).optional(),
  SALLYPORT_DATA: z.string().min(1).optional(),
  SALLYPORT_CONFIG: z.string().min(1).optional(),
  SALLYPORT_URL: z.url({ protocol: /^https?$/ }).optional(),
  SALLYPORT_TOKEN: z.string().min(1).optional(),
  SALLYPORT_LOG: z.enum(['error', 'warn', 'info', 'debug']).optional(),
  SALLYPORT_ROOT_KEY: z.string().min(1).optional(),
  SALLYPORT_ROOT_KEY_FILE: z.string().min(1).optional(),
  SALLYPORT_TRUST_KEYS: z.string().min(1).optional(),
  SALLYPORT_GATEWAY_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
} as const;

const EXPECTED: Readonly<Record<string, string>> = {
  SALLYPORT_URL: 'an http or https URL',
  SALLYPORT_GATEWAY_URL: 'an http or https URL',
  SALLYPORT_LOG: 'error, warn, info or debug',
  DATABASE_URL: 'a postgres:// URL',
  REDIS_URL: 'a redis:// or rediss:// URL',
};

/** The variables as read, by name; absent ones are absent. */
export type Environment = Readonly<Partial<Record<keyof typeof KNOWN, string>>>;

/** Reads the environment once. `problems` has one sentence for each bad or unknown variable; values are never repeated. */
export function readEnvironment(variables: NodeJS.ProcessEnv): { readonly environment: Environment; readonly problems: readonly string[] } {
  const environment: Record<string, string> = {};
  const problems = unknownNames(variables).map((name) => `${name} is not a variable that Sallyport knows; remove it or correct its name.`);
  for (const [name, form] of Object.entries(KNOWN)) {
    const value = variables[name];
    if (value === undefined) continue;
    if (form.safeParse(value).success) environment[name] = value;
    else problems.push(`${name} must be ${EXPECTED[name] ?? 'a text that is not empty'}.`);
  }
  if (environment['SALLYPORT_ROOT_KEY'] !== undefined && environment['SALLYPORT_ROOT_KEY_FILE'] !== undefined) {
    problems.push('Set SALLYPORT_ROOT_KEY or SALLYPORT_ROOT_KEY_FILE, not both.');
  }
  return { environment, problems };
}

function unknownNames(variables: NodeJS.ProcessEnv): string[] {
  return Object.keys(variables).filter((name) => name.startsWith('SALLYPORT_') && !(name in KNOWN));
}
