import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startKafka } from '@sallyport/services-local';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import kafkajs, { type AclEntry, type Admin } from 'kafkajs';

import type { KafkaConfig, KafkaTls } from '../config/kafka-config.js';
import { aKafkaConfig } from './a-kafka-config.js';
import { makeCertificates } from './test-certificates.js';

interface Rule {
  readonly resource: 'topic' | 'group';
  readonly pattern: 'literal' | 'prefixed';
  readonly names: readonly string[];
  readonly operations: readonly ('READ' | 'WRITE' | 'CREATE' | 'DESCRIBE' | 'DESCRIBE_CONFIGS')[];
}

/** The roles of `deploy/kafka/acls.json`. */
export const ROLES = ['control-plane', 'relay', 'worker', 'audit-consumer'] as const;
export type Role = (typeof ROLES)[number];

/** A cluster that asks who one is, and lets everybody do what the deployment's rules say and nothing else. */
export interface SecuredKafka {
  readonly topicPrefix: string;
  /** The password of every role, for PLAIN and SCRAM. */
  readonly password: string;
  readonly tls: KafkaTls;
  readonly clientTls: KafkaTls;
  config(over: Partial<KafkaConfig>): KafkaConfig;
  /** The configuration of the listener that asks for a client's certificate. */
  mutualConfig(over: Partial<KafkaConfig>): KafkaConfig;
  /** A signed token for a principal. */
  token(principal: string): Promise<string>;
  /** Asks as the administrator. */
  administer<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer>;
  stop(): Promise<void>;
}

const PREFIX = 'secured.';

/** Starts it, with the rules of every role applied to the user of that name. */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-secured-'));
  const certificates = makeCertificates(folder);
  const password = randomBytes(12).toString('hex');
  const signing = await writeJwks(join(folder, 'jwks.json'));
  const users = { broker: password, ...Object.fromEntries([...ROLES, 'stranger'].map((role) => [role, password])) };
  const security = { keystore: certificates.nodeKeystore, truststore: certificates.ca, jwks: join(folder, 'jwks.json'), users };
  const kafka = await startKafka({ dataFolder: join(folder, 'data'), security });
  const ca = readFileSync(certificates.ca, 'utf8');
  const administer = asAdministrator(kafka.brokers, password);
  await administer((admin) => admin.createAcls({ acl: ROLES.flatMap((role) => entriesOf(role)) }));
  return {
    topicPrefix: PREFIX,
    password,
    tls: { ca },
    clientTls: { ca, cert: readFileSync(certificates.clientCert, 'utf8'), key: readFileSync(certificates.clientKey, 'utf8') },
    config: (over) => aKafkaConfig(kafka.secured, PREFIX, { tls: { ca }, ...over }),
    mutualConfig: (over) => aKafkaConfig(kafka.mutual, PREFIX, over),
    token: (principal) => new SignJWT({ scope: 'kafka' }).setProtectedHeader({ alg: 'RS256', kid: 'test' }).setSubject(principal).setAudience('kafka').setIssuedAt().setExpirationTime('1h').sign(signing),
    administer,
    stop: async () => {
      await kafka.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A role's rules, as Kafka takes them. */
export function entriesOf(role: Role): AclEntry[] {
  const { roles } = JSON.parse(readFileSync(new URL('../../../../deploy/kafka/acls.json', import.meta.url), 'utf8')) as { readonly roles: Readonly<Record<Role, readonly Rule[]>> };
  return roles[role].flatMap(({ resource, pattern, names, operations }) =>
    names.flatMap((name) =>
      operations.map((operation) => ({
        principal: `User:${role}`,
        host: '*',
        permissionType: kafkajs.AclPermissionTypes.ALLOW,
        operation: kafkajs.AclOperationTypes[operation],
        resourceType: resource === 'topic' ? kafkajs.AclResourceTypes.TOPIC : kafkajs.AclResourceTypes.GROUP,
        resourceName: name.replace('{prefix}', PREFIX),
        resourcePatternType: pattern === 'literal' ? kafkajs.ResourcePatternTypes.LITERAL : kafkajs.ResourcePatternTypes.PREFIXED,
      })),
    ),
  );
}

async function writeJwks(path: string): Promise<CryptoKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  writeFileSync(path, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'RS256', use: 'sig' }] }));
  return privateKey;
}

function asAdministrator(brokers: string, password: string): SecuredKafka['administer'] {
  return async (question) => {
    const admin = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING, sasl: { mechanism: 'plain', username: 'broker', password } }).admin();
    await admin.connect();
    try {
      return await question(admin);
    } finally {
      await admin.disconnect();
    }
  };
}
