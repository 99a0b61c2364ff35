/**
 * PostgreSQL's own form of arrays, as parameters: bytes travel as they are, where a text of an array would have every element quoted,
 * escaped, and read again. Each is one dimension from 1; the statement casts the parameter to the array's type.
 *
 * Source: PostgreSQL 18, `array_recv` and the `recv` functions of the elements' types.
 */
const OID = { bytea: 17, text: 25, timestamptz: 1184, uuid: 2950 } as const;

const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;
const UUID_BYTES = 16;
const INSTANT_BYTES = 8;
const NULL_LENGTH = -1;
/** Microseconds from 1970 to 2000, where PostgreSQL counts from. */
const EPOCH_MICROS = 946_684_800_000_000n;

/** For `text[]`. @param values Without NUL and lone surrogates, which PostgreSQL cannot keep. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = 0;
  for (const value of values) if (value !== null) bytes += Buffer.byteLength(value);
  const array = begun(OID.text, values, bytes);
  let at = HEAD_BYTES;
  for (const value of values) {
    if (value === null) {
      at = array.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    const written = array.write(value, at + LENGTH_BYTES);
    array.writeInt32BE(written, at);
    at += LENGTH_BYTES + written;
  }
  return array;
}

/** For `uuid[]`. @throws {RangeError} for a text that is no UUID. */
export function uuidArray(values: readonly (string | null)[]): Buffer {
  return ofHex(OID.uuid, values.map((value) => (value === null ? null : value.replaceAll('-', ''))), UUID_BYTES);
}

/** For `bytea[]` of hashes. @param values Hexadecimal, each of `bytes` bytes. @throws {RangeError} for one that is not. */
export function byteaArray(values: readonly string[], bytes: number): Buffer {
  return ofHex(OID.bytea, values, bytes);
}

/** For `timestamptz[]`. @param values As `microTime` writes them. @throws {RangeError} for a text that is no such instant. */
export function instantArray(values: readonly string[]): Buffer {
  const array = begun(OID.timestamptz, values, values.length * INSTANT_BYTES);
  let at = HEAD_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(INSTANT_BYTES, at);
    at = array.writeBigInt64BE(microsOf(value) - EPOCH_MICROS, at);
  }
  return array;
}

function ofHex(oid: number, values: readonly (string | null)[], bytes: number): Buffer {
  const present = values.reduce((count, value) => count + Number(value !== null), 0);
  const array = begun(oid, values, present * bytes);
  let at = HEAD_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value === null ? NULL_LENGTH : bytes, at);
    if (value === null) continue;
    if (value.length !== bytes * 2 || array.write(value, at, 'hex') !== bytes) throw new RangeError(`a value is not ${bytes} bytes in hexadecimal`);
    at += bytes;
  }
  return array;
}

function begun(oid: number, values: readonly unknown[], bytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEAD_BYTES + values.length * LENGTH_BYTES + bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(Number(values.includes(null)), 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  return array;
}

const MICRO_TIME = /^\d{4}-\d{2}-(\d{2})T\d{2}:\d{2}:\d{2}\.\d{3}(\d{3})Z$/;
const MILLIS_END = 23;

function microsOf(time: string): bigint {
  const [, day, micros] = MICRO_TIME.exec(time) ?? [];
  const millis = day === undefined ? Number.NaN : Date.parse(`${time.slice(0, MILLIS_END)}Z`);
  // A day past the month's end would be taken for one of the next month.
  if (Number.isNaN(millis) || new Date(millis).getUTCDate() !== Number(day)) throw new RangeError('a time is not an instant in UTC with six decimals');
  return BigInt(millis) * 1_000n + BigInt(micros ?? 0);
}
