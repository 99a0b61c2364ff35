import { ok, refuse, type Result } from '@sallyport/kernel';
import type { PolicyDocument } from '@sallyport/policy-engine';

import { refusalAt } from '../../platform/commands/refusal-at.js';
import type { ReadPoint } from '../past/read-point.js';
import { checkDocument, documentText } from './check-document.js';
import { policyRefusals, policyRejected, refusalMember, type PolicyRejected } from './policy-refusals.js';
import { readVersion } from './policy-to-graphql.js';
import { policyAt } from './read/policy-queries.js';
import type { PolicyRow } from './read/policy-row.entity.js';

/** A document by the name of a policy, or itself; exactly one. */
export interface PolicySourceInput {
  readonly policy?: string | null;
  readonly document?: unknown;
}

/** A document that was found and is without errors. */
export interface PolicySource {
  readonly document: PolicyDocument;
  /** The JSON text as published or given. */
  readonly text: string;
  /** The published policy and its version; null for a document that was given. */
  readonly published: { readonly row: PolicyRow; readonly version: number } | null;
}

type NoSource = PolicyRejected | ReturnType<typeof refusalMember>;

const NAME_AND_VERSION = /^(.+)@(\d{1,9})$/;

/** @param pointer JSON Pointer of the source in the input, for refusals. */
export async function sourceAt(point: ReadPoint, source: PolicySourceInput, pointer: string): Promise<Result<PolicySource, NoSource>> {
  const hasDocument = source.document !== undefined && source.document !== null;
  if (typeof source.policy === 'string' && !hasDocument) return publishedSource(point, source.policy, pointer);
  if (!hasDocument || typeof source.policy === 'string') return refuse(refusalMember({ code: 'policy.source_invalid', message: 'Name either a policy or a document.', pointer }));
  const text = documentText(source.document);
  const checked = checkDocument(text);
  return checked.ok ? ok({ document: checked.value.document, text, published: null }) : refuse(policyRejected(checked.refusal));
}

async function publishedSource(point: ReadPoint, named: string, pointer: string): Promise<Result<PolicySource, NoSource>> {
  const [, name = named, versionText] = NAME_AND_VERSION.exec(named) ?? [];
  const row = await policyAt(point, name);
  if (row === null) return refuse(refusalMember(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: `${pointer}/policy` })));
  const version = versionText === undefined ? (row.liveVersion ?? row.latestVersion) : Number(versionText);
  const found = await readVersion(row, point, version);
  if (found === null) return refuse(refusalMember(refusalAt(policyRefusals, { code: 'policy.version_unknown', pointer: `${pointer}/policy` })));
  const checked = checkDocument(found.document);
  return checked.ok ? ok({ document: checked.value.document, text: found.document, published: { row, version } }) : refuse(policyRejected(checked.refusal));
}
