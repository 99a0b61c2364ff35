import { addDecimals, compareDecimals, subtractDecimals, type Decimal } from '@sallyport/kernel';

const LARGEST_SMALL = 2 ** 50;

/**
 * How much a counter has spent: a plain number while every amount was a small whole number, an exact decimal from the first
 * amount that was not. The value is never negative.
 */
export class SpentUnits {
  private whole = 0;
  private exact: Decimal | null = null;

  /** Adds `units` unless the sum would pass `max`. Whether it did. */
  addWithin(units: Decimal, max: Decimal): boolean {
    const amount = this.exact === null ? smallWhole(units) : -1;
    const limit = amount < 0 ? -1 : smallWhole(max);
    if (limit < 0) return this.addExactlyWithin(units, max);
    const sum = this.whole + amount;
    if (sum > limit) return false;
    this.whole = sum;
    return true;
  }

  /** Adds `units` whatever the sum. */
  add(units: Decimal): void {
    const amount = this.exact === null ? smallWhole(units) : -1;
    if (amount < 0 || this.whole + amount > LARGEST_SMALL) this.exact = addDecimals(this.asDecimal(), units);
    else this.whole += amount;
  }

  /** Takes `units` away, down to zero and no further; answers what went. */
  subtract(units: Decimal): Decimal {
    const amount = this.exact === null ? smallWhole(units) : -1;
    if (amount >= 0 && amount <= this.whole) {
      this.whole -= amount;
      return units;
    }
    const before = this.asDecimal();
    const after = subtractDecimals(before, units);
    if (after.coefficient > 0n) {
      this.exact = after;
      return units;
    }
    this.whole = 0;
    this.exact = null;
    return before;
  }

  /** Whether nothing is spent. */
  get isNothing(): boolean {
    return this.exact === null ? this.whole === 0 : this.exact.coefficient === 0n;
  }

  /** The value. */
  asDecimal(): Decimal {
    return this.exact ?? { coefficient: BigInt(this.whole), scale: 0 };
  }

  private addExactlyWithin(units: Decimal, max: Decimal): boolean {
    const sum = addDecimals(this.asDecimal(), units);
    if (compareDecimals(sum, max) > 0) return false;
    this.exact = sum;
    return true;
  }
}

/** The value as a number when it is a whole number from 0 to 2^50, else -1. */
function smallWhole(value: Decimal): number {
  if (value.scale !== 0) return -1;
  const whole = Number(value.coefficient);
  return whole >= 0 && whole <= LARGEST_SMALL ? whole : -1;
}
