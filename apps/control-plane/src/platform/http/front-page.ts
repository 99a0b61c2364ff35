import type { FastifyInstance } from 'fastify';

import { GRAPHQL_PATH } from '../graphql/graphql-options.js';
import { EXPLORER_PATH } from './explorer.js';

/** What a person sees who opens the address in a browser. */
export function serveFrontPage(fastify: FastifyInstance, parts: { readonly gatewayUrl: string; readonly explorer: boolean }): void {
  const page = frontPage(parts);
  fastify.get('/', async (_request, reply) => {
    await reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .header('x-content-type-options', 'nosniff')
      .send(page);
  });
}

function frontPage(parts: { readonly gatewayUrl: string; readonly explorer: boolean }): string {
  const gateway = escapeHtml(`${parts.gatewayUrl}/mcp/<server-slug>`);
  const explorer = parts.explorer ? `<dt>Explorer</dt><dd><a href="${EXPLORER_PATH}">${EXPLORER_PATH}</a></dd>` : '';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sallyport</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#222}dt{font-weight:600}code{background:#f3f3f3;padding:.1em .3em}</style>
<h1>Sallyport</h1>
<p>A gateway for MCP with a control plane: every tool call decided by policy, limited, and recorded.</p>
<dl>
<dt>Gateway</dt><dd><code>${gateway}</code></dd>
<dt>Admin API</dt><dd><code>POST ${GRAPHQL_PATH}</code> and graphql-ws on the same path</dd>
${explorer}<dt>Operation</dt><dd><code>/healthz</code> <code>/readyz</code> <code>/metrics</code></dd>
</dl>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
