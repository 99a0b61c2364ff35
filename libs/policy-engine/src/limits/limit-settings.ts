import { formatDecimal } from '@sallyport/kernel';

import type { Limit, LimitScope } from '../document.js';

/** What makes two limits of one counter the same limit, as one text; the message for the caller is not part of it. */
export function limitSettings(limit: Limit): string {
  const { window, max, scope, incrementFrom, algorithm, count, onExceed } = limit;
  const kept = typeof scope === 'string' ? scope : scope.argument.steps;
  return JSON.stringify([window, formatDecimal(max), kept, incrementFrom?.steps ?? null, algorithm, count, limit.class, onExceed]);
}

/** A scope as documents write it: `grant`, `argument:args.customer`. */
export function scopeText(scope: LimitScope): string {
  return typeof scope === 'string' ? scope : `argument:${scope.argument.text}`;
}

/** A scope as one says it: `grant`, `args.customer`. */
export function sayScope(scope: LimitScope): string {
  return typeof scope === 'string' ? scope : scope.argument.text;
}
