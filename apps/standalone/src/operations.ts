import type { Deployment } from './compose.js';
import type { OperationsAnswer, OperationsPath } from './http/front-door.js';

/** Answers `/healthz`, `/readyz` and `/metrics` for both planes. */
export async function answerOperations(deployment: Deployment, path: OperationsPath): Promise<OperationsAnswer> {
  switch (path) {
    case '/healthz':
      return { status: 200, contentType: 'application/json', body: '{"alive":true}\n' };
    case '/readyz': {
      const missing = [...(await deployment.controlPlane.ready()), ...deployment.gateway.ready()];
      const body = `${JSON.stringify({ ready: missing.length === 0, missing })}\n`;
      return { status: missing.length === 0 ? 200 : 503, contentType: 'application/json', body };
    }
    case '/metrics': {
      const parts = await Promise.all([deployment.metrics.metrics(), deployment.controlPlane.metrics.metrics()]);
      return { status: 200, contentType: deployment.metrics.contentType, body: parts.join('\n') };
    }
  }
}
