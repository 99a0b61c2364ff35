import { InvalidArgumentError } from 'commander';

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const FORM = /^(\d{1,6})(s|m|h|d|w)$/;

/** `90d`, `1h`, `30m` → ISO 8601 in seconds, as the admin API takes it: `PT3600S`. ISO text passes as it is. */
export function isoDuration(text: string): string {
  if (/^P/.test(text)) return text;
  return `PT${seconds(text)}S`;
}

/** A time for the admin API: an RFC 3339 instant, or `7d` for seven days before `nowMs`. */
export function instantBefore(nowMs: () => number): (text: string) => string {
  return (text) => {
    if (FORM.test(text)) return new Date(nowMs() - seconds(text) * 1_000).toISOString();
    return rfc3339(text);
  };
}

/** The instant a length of time from now, for `--expires 90d`; an RFC 3339 instant passes. */
export function instantAfter(nowMs: () => number): (text: string) => string {
  return (text) => (FORM.test(text) ? new Date(nowMs() + seconds(text) * 1_000).toISOString() : rfc3339(text));
}

function rfc3339(text: string): string {
  const at = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at)) throw new InvalidArgumentError('Give a length of time such as 30m, 24h or 90d, or a time such as 2026-12-31T00:00:00Z.');
  return new Date(at).toISOString();
}

function seconds(text: string): number {
  const parts = FORM.exec(text);
  if (parts === null) throw new InvalidArgumentError('Give a length of time such as 60s, 30m, 24h or 90d.');
  return Number(parts[1]) * UNIT_SECONDS[parts[2] as keyof typeof UNIT_SECONDS];
}
