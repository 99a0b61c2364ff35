import { formatDecimal } from '@sallyport/kernel';

import type { Limit } from '../document.js';

/** What makes two limits of one counter the same limit, as one text; the message for the caller is not part of it. */
export function limitSettings(limit: Limit): string {
  const { window, max, scope, incrementFrom } = limit;
  return JSON.stringify([window, formatDecimal(max), scope, incrementFrom?.steps ?? null]);
}
