import type { OperatorFile, StdioEntry } from '@sallyport/operator-file';
import { EgressGuard, inspectServer } from '@sallyport/upstream';

import type { InspectTarget, InspectUpstream } from '../platform/inspect-upstream.js';

/** The entry that is the organisation's own by name, else the one that names no organisation. */
function stdioEntryOf(operatorFile: OperatorFile, target: InspectTarget): StdioEntry | undefined {
  const ofSlug = operatorFile.stdio.filter(({ slug }) => slug === target.slug);
  const own = ofSlug.find(({ organisation }) => organisation === target.organisationSlug || organisation === target.organisationId);
  return own ?? ofSlug.find(({ organisation }) => organisation === undefined);
}

/** Lists upstreams as this machine's operator allows: over HTTP inside the opened networks, over stdio what the operator's file names. */
export function upstreamInspector(operatorFile: OperatorFile): InspectUpstream {
  const guard = new EgressGuard(operatorFile.egress);
  return async (target) => {
    const limits = { timeoutMs: target.timeoutMs };
    if (target.upstream.kind === 'stdio') {
      const entry = stdioEntryOf(operatorFile, target);
      if (entry === undefined) return { ok: false, refusal: { code: 'not_started', message: `The operator's file has no stdio entry ${target.slug}.` } };
      return inspectServer({ kind: 'stdio', entry }, { limits });
    }
    const headers = target.upstream.headers.flatMap(({ name, value }) => [name, value]);
    const scope = { organisationId: target.organisationId, organisationSlug: target.organisationSlug };
    return inspectServer({ kind: 'http', url: target.upstream.url, headers, guard, scope }, { limits });
  };
}
