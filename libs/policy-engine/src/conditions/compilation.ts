import { PatternCache } from './pattern.js';
import { zoneOffset, type ZoneOffset } from './timezone.js';

/** What preparing the conditions of one document shares. */
export class Compilation {
  readonly patterns = new PatternCache();
  readonly zone: ZoneOffset;

  /** @param timezone An IANA name; UTC without it. */
  constructor(timezone?: string) {
    this.zone = zoneOffset(timezone);
  }
}
