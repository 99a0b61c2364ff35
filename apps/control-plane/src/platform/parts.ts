/** What `buildControlPlane` was given, by the tokens that Nest injects it under. Classes are injected by their type. */
export const PART = {
  dataSource: Symbol('DataSource'),
  eventLog: Symbol('PostgresEventLog'),
  secretBox: Symbol('SecretBox'),
  hashes: Symbol('KeyedHashes'),
  board: Symbol('WorkerStatusBoard'),
  publications: Symbol('Publications'),
  broker: Symbol('Broker'),
  relay: Symbol('Relay'),
  clock: Symbol('Clock'),
  log: Symbol('Logger'),
  operatorFile: Symbol('OperatorFile'),
  inspect: Symbol('InspectUpstream'),
  scheduler: Symbol('Scheduler'),
  gatewayUrl: Symbol('GatewayUrl'),
  projectors: Symbol('Projectors'),
} as const;
