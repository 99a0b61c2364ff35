import type { Limit, PolicyDocument, Rule } from '../document.js';
import { expandRule } from '../expand-rule.js';
import { pointerToken, type FindingList } from '../finding.js';
import { limitSettings } from '../limits/limit-settings.js';

/** Reports every counter that has different settings in two places: it would not be one counter. */
export function checkCounters(document: PolicyDocument, findings: FindingList): void {
  const first = new Map<string, { readonly settings: string; readonly pointer: string }>();
  for (const { limit, pointer } of limitsOf(document)) {
    const seen = first.get(limit.counter);
    const settings = limitSettings(limit);
    if (seen === undefined) first.set(limit.counter, { settings, pointer });
    else if (seen.settings !== settings) {
      const message = `Counter "${limit.counter}" has other settings at ${seen.pointer}; one counter has one window, max, scope, increment_from and so on.`;
      findings.add('duplicate_counter', pointer, message, 'Give one of them another name.');
    }
  }
}

interface PlacedLimit {
  readonly limit: Limit;
  readonly pointer: string;
}

function limitsOf(document: PolicyDocument): readonly PlacedLimit[] {
  return [
    ...(document.allTools === undefined ? [] : limitsOfRule(document.allTools, '/all_tools')),
    ...document.select.flatMap(({ rule }, index) => limitsOfRule(rule, `/select/${index}`, `select/${index}`)),
    ...[...document.tools].flatMap(([tool, rule]) => limitsOfRule(rule, `/tools/${pointerToken(tool)}`, tool)),
  ];
}

function limitsOfRule(rule: Rule, pointer: string, owner?: string): readonly PlacedLimit[] {
  return expandRule(rule, owner).limits.map((limit, index) => ({
    limit,
    pointer: index < rule.limits.length ? `${pointer}/limits/${index}` : `${pointer}/rate_limit`,
  }));
}
