import type { Registry } from 'prom-client';

/** The paths an orchestrator or a scraper asks. */
export const OPERATIONS_PATHS = ['/healthz', '/readyz', '/metrics'] as const;
export type OperationsPath = (typeof OPERATIONS_PATHS)[number];

/** One answer of an operations path. */
export interface OperationsAnswer {
  readonly status: 200 | 503;
  readonly contentType: string;
  readonly body: string;
}

/** What of a process the operations paths speak of. */
export interface OperationsParts {
  /** What is missing before traffic may come, one sentence each; empty when ready. */
  ready(): Promise<readonly string[]>;
  /** Their figures are answered one after the other. */
  readonly metrics: readonly Registry[];
}

/** Whether a request's path is one of the three. */
export function isOperationsPath(path: string): path is OperationsPath {
  return (OPERATIONS_PATHS as readonly string[]).includes(path);
}

/** Answers `/healthz`, `/readyz` and `/metrics`. */
export async function answerOperations(parts: OperationsParts, path: OperationsPath): Promise<OperationsAnswer> {
  switch (path) {
    case '/healthz':
      return { status: 200, contentType: 'application/json', body: '{"alive":true}\n' };
    case '/readyz': {
      const missing = await parts.ready();
      const body = `${JSON.stringify({ ready: missing.length === 0, missing })}\n`;
      return { status: missing.length === 0 ? 200 : 503, contentType: 'application/json', body };
    }
    case '/metrics': {
      const texts = await Promise.all(parts.metrics.map((registry) => registry.metrics()));
      return { status: 200, contentType: parts.metrics[0]?.contentType ?? 'text/plain', body: texts.join('\n') };
    }
  }
}
