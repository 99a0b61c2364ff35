import { decide } from '../decide.js';
import { responseFilter, type ResponseFilter } from '../response/response-filter.js';
import { aPolicy } from './a-policy.js';
import { aToolCall } from './a-tool-call.js';

/** The filter of a tool `t` with this `response` beside this `all_tools`. Throws where they ask nothing of its answers. */
export function aResponseFilter(response: object, allTools: object = {}): ResponseFilter {
  const policy = aPolicy({ tools: { t: { response } }, all_tools: allTools });
  const verdict = decide(policy, aToolCall({ tool: 't' }));
  const filter = verdict.effect === 'allow' ? responseFilter(policy, verdict.responses) : undefined;
  if (filter === undefined) throw new Error('this policy has no response rule');
  return filter;
}
