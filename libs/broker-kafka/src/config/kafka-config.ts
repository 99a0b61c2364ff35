/** How a process reaches its deployment's Kafka. Holds secrets: never logged. */
export interface KafkaConfig {
  /** `host:port` of the brokers asked first. */
  readonly brokers: readonly string[];
  /** Null: bytes go over the network as they are. */
  readonly tls: KafkaTls | null;
  readonly sasl: KafkaSasl | null;
  /** Put in front of every topic and group name, so that deployments can share a cluster. */
  readonly topicPrefix: string;
  /** Copies of each record of the topics we make; null leaves it to the cluster's `default.replication.factor`. */
  readonly replicationFactor: number | null;
  /** Partitions of `dp.audit`: how many consumers can share it. */
  readonly auditPartitions: number;
}

/** TLS, always verified. All texts are PEM. */
export interface KafkaTls {
  /** Whom to trust; the system's authorities where absent. */
  readonly ca?: string;
  /** This process's own certificate and key, where the brokers ask for one. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the brokers' certificates are made out to, where it is not the host's. */
  readonly serverName?: string;
}

/** How this process says who it is. */
export type KafkaSasl =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'oauthbearer'; readonly token: TokenSource };

/** Where OAUTHBEARER tokens come from: a file that somebody renews, or a client-credentials grant (RFC 6749, 4.4). */
export type TokenSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'endpoint'; readonly url: string; readonly clientId: string; readonly clientSecret: string; readonly scope: string | null };
