import { Readable } from 'node:stream';

import type { OrganisationId } from '@sallyport/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Authenticator } from '../../../platform/identity/authenticator.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { meets } from '../../../platform/identity/require-role.js';
import { credentialsOf } from '../../../platform/graphql/request-context.js';
import { NO_ORGANISATION } from '../store/audit-head.js';
import { EXPORT_FORMATS } from './export-formats.js';
import type { RecordedExport } from './recorded-export.js';

/** Where audit events are exported. */
export const AUDIT_EXPORT_PATH = '/audit/export';

/** What the route needs. */
export interface AuditExportParts {
  readonly authenticator: Authenticator;
  /** Looked up for each request: the application is made after its routes. */
  readonly exports: () => RecordedExport;
}

type Query = Readonly<Record<'from' | 'to' | 'format' | 'deployment', string | readonly string[] | undefined>>;

interface Asked {
  readonly from?: number;
  readonly to?: number;
  readonly format: string;
  readonly deployment: boolean;
}

/**
 * `GET /audit/export?from=&to=&format=&deployment=`: events of a range of numbers as lines, with the same credentials as GraphQL, for
 * auditors and admins. It is read from the database as fast as the client takes it.
 */
export function serveAuditExport(fastify: FastifyInstance, parts: AuditExportParts): void {
  fastify.get<{ Querystring: Query }>(AUDIT_EXPORT_PATH, async (request, reply) => answer(parts, request, reply));
}

async function answer({ authenticator, exports }: AuditExportParts, request: FastifyRequest<{ Querystring: Query }>, reply: FastifyReply): Promise<FastifyReply> {
  const caller = await callerOf(authenticator, request);
  if (typeof caller === 'number') return reply.code(caller).send({ error: caller === 401 ? 'unauthenticated' : 'forbidden' });
  const asked = askedIn(request.query);
  if (typeof asked === 'string') return reply.code(400).send({ error: 'bad_input', message: asked });
  const organisationId = streamFor(caller, asked);
  if (organisationId === undefined) return reply.code(403).send({ error: 'forbidden' });
  const format = EXPORT_FORMATS[asked.format];
  if (format === undefined) return reply.code(400).send({ error: 'bad_input', message: `Formats are ${Object.keys(EXPORT_FORMATS).join(', ')}.` });
  const { opened, bytes } = await exports().begin({ caller, organisationId, range: asked, format: asked.format });
  return reply
    .type(format.contentType)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .header('sallyport-first-seq', String(opened.firstSeq))
    .header('sallyport-last-seq', String(opened.lastSeq))
    .send(Readable.from(bytes, { objectMode: false }));
}

async function callerOf(authenticator: Authenticator, request: FastifyRequest): Promise<Caller | 401 | 403> {
  const credentials = credentialsOf(request.raw);
  if (credentials === 'none' || credentials === 'repeated') return 401;
  const signedIn = await authenticator.authenticate(credentials);
  if (!signedIn.ok) return signedIn.refusal === 'unauthenticated' ? 401 : 403;
  return meets(signedIn.value, 'auditor') ? signedIn.value : 403;
}

function streamFor(caller: Caller, { deployment }: Asked): OrganisationId | undefined {
  if (!deployment) return caller.organisationId;
  return caller.operator ? NO_ORGANISATION : undefined;
}

function askedIn(query: Query): Asked | string {
  const { from, to, format = 'ndjson', deployment = 'false' } = query;
  if (typeof format !== 'string' || !Object.hasOwn(EXPORT_FORMATS, format)) return `Formats are ${Object.keys(EXPORT_FORMATS).join(', ')}.`;
  if (deployment !== 'true' && deployment !== 'false') return 'deployment is true or false.';
  if (!isSeqOrAbsent(from) || !isSeqOrAbsent(to)) return 'from and to are numbers of events: 1 and more.';
  return { format, deployment: deployment === 'true', ...(from === undefined ? {} : { from: Number(from) }), ...(to === undefined ? {} : { to: Number(to) }) };
}

function isSeqOrAbsent(value: string | readonly string[] | undefined): value is string | undefined {
  return value === undefined || (typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value));
}
