import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { JsonObject } from '@sallyport/kernel';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import { pythonPackages } from './cached-build.js';

const REQUIREMENTS = fileURLToPath(new URL('./ocsf/requirements.txt', import.meta.url));

/** What an OCSF event says of its own schema. */
export interface OcsfSchemaName {
  readonly version: string;
  readonly class_uid: number;
  readonly profiles: readonly string[];
}

/** The name of an event's schema, by what the event says. */
export function schemaNameOf(event: JsonObject): OcsfSchemaName {
  const { version, profiles = [] } = event['metadata'] as { readonly version: string; readonly profiles?: readonly string[] };
  return { version, class_uid: Number(event['class_uid']), profiles };
}

/** OCSF's own schema, as JSON Schema that takes no attribute that a class and its profiles do not have. */
export class OcsfSchemas {
  private constructor(
    private readonly packages: string,
    private readonly validators: Map<string, ValidateFunction>,
  ) {}

  /** @throws When they cannot be had, with what to install. */
  static async open(): Promise<OcsfSchemas> {
    return new OcsfSchemas(await pythonPackages(REQUIREMENTS), new Map());
  }

  /** Makes the schemas of many events ready at once. */
  prepare(events: readonly JsonObject[]): void {
    const missing = new Map(events.map(schemaNameOf).map((name) => [JSON.stringify(name), name]));
    for (const key of this.validators.keys()) missing.delete(key);
    const schemas = this.generate([...missing.values()]);
    [...missing.keys()].forEach((key, at) => this.validators.set(key, new Ajv2020({ strict: false, allErrors: true }).compile(schemas[at] ?? {})));
  }

  /** What OCSF has against an event that was prepared: each a place in it, the rule, and what the rule is about. */
  problemsOf(event: JsonObject): readonly string[] {
    const name = JSON.stringify(schemaNameOf(event));
    const validate = this.validators.get(name);
    if (validate === undefined) throw new Error(`no schema of ${name} was prepared`);
    if (validate(event)) return [];
    return (validate.errors ?? []).map(({ instancePath, keyword, params }) => `${instancePath || '/'} ${keyword} ${JSON.stringify({ ...params, pattern: undefined })}`);
  }

  private generate(names: readonly OcsfSchemaName[]): readonly JsonObject[] {
    const script = join(dirname(REQUIREMENTS), 'json_schemas.py');
    const { status, stdout, stderr } = spawnSync('python3', [script], {
      input: JSON.stringify(names),
      env: { ...process.env, PYTHONPATH: this.packages, PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
      maxBuffer: 268_435_456,
    });
    if (status !== 0) throw new Error(`OCSF's schemas could not be made: ${stderr}`);
    return JSON.parse(stdout) as readonly JsonObject[];
  }
}
