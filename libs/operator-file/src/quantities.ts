const SIZE = /^(\d+)\s*(B|KiB|MiB|GiB)$/;
const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const TIME = /^(\d+)\s*(ms|s|m|h|d)$/;
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes of `4096`, `64 KiB`, `1MiB`, `2 GiB`; undefined for anything else. */
export function bytesOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? value : undefined;
  return quantity(value, SIZE, BYTES);
}

/** Milliseconds of `500ms`, `120s`, `5m`, `1h`, `1d`; undefined for anything else, a bare number included, as its unit would be a guess. */
export function millisecondsOf(value: unknown): number | undefined {
  return quantity(value, TIME, MILLISECONDS);
}

function quantity(value: unknown, form: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const [, count, unit] = (typeof value === 'string' && form.exec(value)) || [];
  const factor = units[unit ?? ''];
  if (count === undefined || factor === undefined) return undefined;
  const total = Number(count) * factor;
  return Number.isSafeInteger(total) && total > 0 ? total : undefined;
}
