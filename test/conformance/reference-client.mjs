// A client for the referee's client scenarios, built on the official SDKs: 1.x for the older revisions, 2.x for 2026-07-28.
// argv: the address of the referee's server. It does what any client may do, for every scenario alike: connects, lists, calls
// every tool it is shown, reads every resource, gets every prompt.
// env: MCP_CONFORMANCE_PROTOCOL_VERSION and MCP_CONFORMANCE_CONTEXT as the referee sets them; ROUTES, where it has a gateway
// started before that address (a POST of the address, answered by { url, token }) and stopped when it is done (DELETE).
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const { ROUTES, MCP_CONFORMANCE_PROTOCOL_VERSION: version, MCP_CONFORMANCE_CONTEXT: context } = process.env;
const INFO = { name: 'reference-client', version: '1.0.0' };

const client = await connect(await way(process.argv[2]));
const { tools } = await client.listTools();
for (const { name, arguments: args } of plannedCalls() ?? tools.map(plausibleCall)) await client.callTool({ name, arguments: args });
const offers = client.getServerCapabilities() ?? {};
if (offers.resources) for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri });
if (offers.prompts) for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name });
await client.close();
if (ROUTES !== undefined) await fetch(ROUTES, { method: 'DELETE' });

/** Where to connect, and with what credential. */
async function way(url) {
  if (ROUTES === undefined) return { url, headers: {} };
  const answer = await fetch(ROUTES, { method: 'POST', body: url });
  if (!answer.ok) throw new Error(await answer.text());
  const route = await answer.json();
  return { url: route.url, headers: { authorization: `Bearer ${route.token}` } };
}

function connect(to) {
  return version === '2026-07-28' ? connectModern(to) : connectLegacy(to);
}

async function connectLegacy({ url, headers }) {
  const made = new LegacyClient(INFO, { capabilities: { elicitation: { form: { applyDefaults: true } } } });
  made.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
  await made.connect(new LegacyTransport(new URL(url), { requestInit: { headers } }));
  return made;
}

async function connectModern({ url, headers }) {
  const made = new ModernClient(INFO, { capabilities: { elicitation: {}, roots: {}, sampling: {} }, versionNegotiation: { mode: 'auto' } });
  made.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
  await made.connect(new ModernTransport(new URL(url), { requestInit: { headers } }));
  return made;
}

/** The calls that a scenario asks for by name, if it does. */
function plannedCalls() {
  return context === undefined ? undefined : JSON.parse(context).toolCalls;
}

/** A call with a value for every argument; one called `schema` gets the first tool's, as it arrived here. */
function plausibleCall({ name, inputSchema }) {
  const properties = Object.entries(inputSchema.properties ?? {});
  return { name, arguments: Object.fromEntries(properties.map(([key, { type }]) => [key, key === 'schema' ? tools[0].inputSchema : plausibleValue(type)])) };
}

function plausibleValue(type) {
  return { number: 2, integer: 2, boolean: true, array: [], object: {} }[type] ?? 'text';
}
