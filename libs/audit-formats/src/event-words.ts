import type { AuditEvent } from '@sallyport/audit-event';

/** Who made the record, in formats that name a vendor. */
export const VENDOR = 'Sallyport';
/** What made it, in formats that name a product. */
export const PRODUCT = 'Sallyport Gateway';

/** A type as a reader would say it: `admin.grant.issued` is `Admin grant issued`. */
export function eventName({ type }: AuditEvent): string {
  const words = type.replaceAll(/[._]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Version of the part of Sallyport that saw it, or the schema's where none is known. */
export function productVersion({ gateway }: AuditEvent): string {
  return gateway?.version ?? '1';
}

/** Unix milliseconds of an event's time. */
export function epochMsOf(instant: string): number {
  return Date.parse(instant);
}

/** Unix nanoseconds as text, exact to the microsecond, which a double is not. */
export function unixNanoOf(instant: string): string {
  const seconds = Math.floor(Date.parse(instant) / 1_000);
  return seconds === 0 ? String(Number(`${instant.slice(20, 26)}000`)) : `${seconds}${instant.slice(20, 26)}000`;
}

/** The stable word that says why. */
export function reasonOf({ decision, reason }: AuditEvent): string | undefined {
  return decision?.reason_code ?? reason;
}

/** Whether it went well. An admission that is still under way, and what has no outcome, is neither. */
export function successOf({ outcome }: AuditEvent): 'success' | 'failure' | 'unknown' {
  if (outcome === undefined || outcome === 'approval_required') return 'unknown';
  return outcome === 'allowed' || outcome === 'success' ? 'success' : 'failure';
}
