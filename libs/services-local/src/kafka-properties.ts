import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TEMPLATES = fileURLToPath(new URL('../../../deploy/kafka', import.meta.url));

/** What makes a cluster ask who its clients are. */
export interface KafkaSecurity {
  /** PEM file with the private key and the certificate chain of the nodes, for `localhost` and 127.0.0.1. */
  readonly keystore: string;
  /** PEM file with the certificates that clients' and nodes' own certificates are signed by. */
  readonly truststore: string;
  /** The keys that OAUTHBEARER tokens are signed with (audience `kafka`, principal `sub`): a file of RFC 7517. */
  readonly jwks: string;
  /** Who may sign in with PLAIN and SCRAM, and with which password. `broker` is the nodes' own and may do everything. */
  readonly users: Readonly<Record<string, string>> & { readonly broker: string };
}

/** A node's ports on 127.0.0.1. The last two are listened on only in a secured cluster. */
export interface KafkaPorts {
  readonly internal: number;
  readonly controller: number;
  readonly secured: number;
  readonly mutual: number;
  /** A further listener without security, whose clients are told to come to another port of this machine: a proxy's. */
  readonly proxied?: { readonly listens: number; readonly told: number };
}

/** One node of a cluster, before it runs. */
export interface KafkaNodePlan {
  readonly nodeId: number;
  readonly data: string;
  /** Every node's ports, by node: node 1 first. */
  readonly cluster: readonly KafkaPorts[];
  readonly security: KafkaSecurity | null;
}

/** The text of a node's properties file: the templates of `deploy/kafka`, filled in. */
export function kafkaProperties(plan: KafkaNodePlan): string {
  const templates = plan.security === null ? ['server'] : ['server', 'secured'];
  const text = templates.map((name) => readFileSync(join(TEMPLATES, `${name}.properties`), 'utf8')).join('\n');
  const values = new Map(Object.entries({ ...nodeValues(plan), ...(plan.security === null ? {} : securityValues(plan.security)) }));
  return text.replaceAll(/\$\{([a-z.]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
}

function nodeValues({ nodeId, data, cluster, security }: KafkaNodePlan): Readonly<Record<string, string>> {
  const ports = cluster[nodeId - 1];
  const clients = security === null ? [`INTERNAL://127.0.0.1:${ports?.internal}`] : ['INTERNAL', 'SECURED', 'MUTUAL'].map((name) => `${name}://127.0.0.1:${ports?.[portOf(name)]}`);
  const { proxied } = ports ?? {};
  const behind = (port: keyof NonNullable<KafkaPorts['proxied']>): readonly string[] => (proxied === undefined ? [] : [`PROXIED://127.0.0.1:${proxied[port]}`]);
  const plain = security === null ? 'PLAINTEXT' : 'SASL_PLAINTEXT';
  return {
    'node.id': String(nodeId),
    quorum: cluster.map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`).join(','),
    data,
    listeners: [...clients, ...behind('listens'), `CONTROLLER://127.0.0.1:${ports?.controller}`].join(','),
    advertised: [...clients, ...behind('told')].join(','),
    protocols: `INTERNAL:${plain},CONTROLLER:${plain},SECURED:SASL_SSL,MUTUAL:SSL,PROXIED:PLAINTEXT`,
    copies: String(cluster.length),
    insync: String(Math.ceil(cluster.length / 2)),
  };
}

function portOf(listener: string): 'internal' | 'secured' | 'mutual' {
  if (listener === 'SECURED') return 'secured';
  return listener === 'MUTUAL' ? 'mutual' : 'internal';
}

function securityValues(security: KafkaSecurity): Readonly<Record<string, string>> {
  const users = Object.entries(security.users).map(([name, password]) => `user_${name}="${password}"`);
  const own = `username="broker" password="${security.users.broker}"`;
  return {
    'jaas.plain': `org.apache.kafka.common.security.plain.PlainLoginModule required ${own} ${users.join(' ')};`,
    'jwks.url': `file://${security.jwks}`,
    keystore: security.keystore,
    truststore: security.truststore,
  };
}

/** The arguments with which a node's storage learns who may sign in with SCRAM. */
export function scramArguments({ users }: KafkaSecurity): readonly string[] {
  const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];
  return Object.entries(users).flatMap(([name, password]) => mechanisms.flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`]));
}
