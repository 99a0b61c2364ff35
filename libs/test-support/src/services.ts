import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL for tests, as superuser, without a database of its own to spoil. */
    postgresUrl: string;
    /** Where services are asked for that a run brings up only when a test needs them. */
    serviceDesk: string;
  }
}

/** A database of one test file's own. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes a fresh empty database, as superuser, on the PostgreSQL that the test run brought up. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asSuperuser(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asSuperuser(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** A Kafka for one test file, and a prefix of its own for topics and groups. */
export interface TestKafka {
  /** What `KAFKA_BROKERS` takes; no TLS and no sign-in. */
  readonly brokers: string;
  readonly topicPrefix: string;
}

/**
 * A real Kafka: `KAFKA_BROKERS` where it is given, else one that the first to ask makes the test run bring up.
 *
 * @throws {Error} with the sentence that says what to install, where neither can be had.
 */
export async function testKafka(): Promise<TestKafka> {
  return { brokers: await serviceAddress('KAFKA_BROKERS'), topicPrefix: `test-${randomUUID()}.` };
}

/** The address of a service by the variable that names it, brought up if the variable is not set. */
async function serviceAddress(variable: string): Promise<string> {
  const given = process.env[variable];
  if (given !== undefined && given !== '') return given;
  const answer = await fetch(`${inject('serviceDesk')}/${variable}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

async function asSuperuser(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
