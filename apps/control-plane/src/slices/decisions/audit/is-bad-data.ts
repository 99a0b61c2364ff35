/** SQLSTATE classes that no repetition cures: data exception, integrity constraint violation. */
const BAD_DATA = /^(?:22|23)[0-9A-Z]{3}$/;

/** Whether the database refused what it was given, rather than being away or busy. TypeORM keeps the driver's error under `driverError`. */
export function isBadData(caught: unknown): boolean {
  const code = memberOf(memberOf(caught, 'driverError') ?? caught, 'code');
  return (typeof code === 'string' && BAD_DATA.test(code)) || caught instanceof RangeError;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}
