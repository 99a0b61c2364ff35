import { checkCel } from '../cel/check-cel.js';
import { PatternCache, patternCost } from '../conditions/pattern.js';

const LEAST_COST = 24;
const MAX_PATTERNS_COST = 8_000;
const MAX_CEL_CHARACTERS = 5_000;

/** What of a document takes time to check, each part compiled once, and what it has cost so far: no document may keep a thread busy. */
export class DocumentBudget {
  private readonly patterns = new PatternCache();
  private readonly paid = new Set<string>();
  private spent = 0;
  private readonly expressions = new Map<string, string | undefined>();
  private celCharacters = 0;

  /** Why this pattern is refused, or undefined. A budget that is overdrawn is said once: the document is refused in any case. */
  refusalOfPattern(pattern: string): string | undefined {
    if (this.spent > MAX_PATTERNS_COST) return undefined;
    this.pay(pattern);
    if (this.spent > MAX_PATTERNS_COST) return 'The patterns of this policy are too many or too large together; use fewer or simpler ones.';
    const compiled = this.patterns.get(pattern);
    return compiled.ok ? undefined : compiled.refusal;
  }

  /** Why this CEL expression is refused, or undefined. A budget that is overdrawn is said once. */
  refusalOfCel(source: string): string | undefined {
    if (this.expressions.has(source)) return this.expressions.get(source);
    if (this.celCharacters > MAX_CEL_CHARACTERS) return undefined;
    this.celCharacters += source.length;
    if (this.celCharacters > MAX_CEL_CHARACTERS) return `The CEL expressions of this policy have more than ${MAX_CEL_CHARACTERS} characters together; use conditions for some of them.`;
    const checked = checkCel(source, (pattern) => this.refusalOfPattern(pattern));
    const refusal = checked.ok ? undefined : checked.refusal;
    this.expressions.set(source, refusal);
    return refusal;
  }

  private pay(pattern: string): void {
    if (this.paid.has(pattern)) return;
    this.paid.add(pattern);
    this.spent += Math.max(LEAST_COST, Math.min(pattern.length, 256), patternCost(pattern.slice(0, 256)));
  }
}
