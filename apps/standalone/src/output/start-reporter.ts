import type { Outcome } from '@sallyport/audit';

/** One demonstration call, as the gateway decided it. */
export interface DemoCall {
  readonly server: string;
  readonly tool: string;
  readonly outcome: Outcome;
  readonly decisionId: string;
  readonly ruleId: string | null;
}

/** What a process of a distributed deployment is. */
export type ProcessRole = 'control-plane' | 'worker' | 'kafka' | 'postgres' | 'redis';

/** A process that runs for a distributed deployment. `pid` is the process itself, no wrapper. */
export interface RunningProcess {
  readonly role: ProcessRole;
  /** Which one of its role, such as `worker-2`; the role itself where there is one. */
  readonly name: string;
  readonly pid: number;
  /** Where it is reached, without credentials. */
  readonly address: string;
}

/** Where everything is, once calls can come in. */
export interface ReadyReport {
  readonly url: string;
  readonly graphqlUrl: string;
  readonly gatewayUrl: string;
  readonly dataDir: string;
  readonly firstRun: boolean;
  readonly elapsedMs: number;
  /** Of a distributed deployment only: its workers, and every process that the command started. */
  readonly workers?: readonly { readonly workerId: string; readonly url: string; readonly pid: number }[];
  readonly processes?: readonly { readonly role: ProcessRole; readonly pid: number }[];
}

/** One decision as it happened, for the terminal. Names and codes only, never an argument's value. */
export interface SeenDecision {
  readonly at: Date;
  readonly outcome: Outcome;
  readonly identity: string;
  readonly server: string;
  readonly tool: string | null;
  readonly ruleId: string | null;
  readonly reasonCode: string | null;
}

/** A block to paste into an MCP client. Holds the grant's token. */
export interface ClientConfig {
  readonly mcpServers: Readonly<Record<string, { readonly type: 'http'; readonly url: string; readonly headers: { readonly Authorization: string } }>>;
}

/** Tells the one who started Sallyport what happens: a person at a terminal, or a script. */
export interface StartReporter {
  step(sentence: string): void;
  adminToken(token: string): void;
  demoCall(call: DemoCall): void;
  clientConfig(config: ClientConfig): void;
  /** A process of a distributed deployment runs. */
  running(process: RunningProcess): void;
  /** A process of a distributed deployment ended without having been asked to. `how` is its exit code or its signal. */
  ended(process: RunningProcess, how: string): void;
  ready(report: ReadyReport): void;
  decision(decision: SeenDecision): void;
  stopping(sentence: string): void;
}
