import type { Outcome } from '@sallyport/audit';

/** One demonstration call, as the gateway decided it. */
export interface DemoCall {
  readonly server: string;
  readonly tool: string;
  readonly outcome: Outcome;
  readonly decisionId: string;
  readonly ruleId: string | null;
}

/** Where everything is, once calls can come in. */
export interface ReadyReport {
  readonly url: string;
  readonly graphqlUrl: string;
  readonly gatewayUrl: string;
  readonly dataDir: string;
  readonly firstRun: boolean;
  readonly elapsedMs: number;
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
  ready(report: ReadyReport): void;
  decision(decision: SeenDecision): void;
  stopping(sentence: string): void;
}
