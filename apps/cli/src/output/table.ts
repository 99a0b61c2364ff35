import Table from 'cli-table3';

const BARE = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ',
} as const;

/** Columns under headings, as wide as they need, without lines. `empty` is said when there is nothing. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number | null | undefined)[])[], empty: string): string {
  if (rows.length === 0) return `${empty}\n`;
  const drawn = new Table({ head: headings.map((heading) => heading.toUpperCase()), chars: BARE, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  for (const row of rows) drawn.push(row.map((cell) => oneLine(cell)));
  return `${drawn.toString().split('\n').map((line) => line.trimEnd()).join('\n')}\n`;
}

/** Names beside values, for one object. */
export function fields(rows: readonly (readonly [string, string | number | null | undefined])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`.trimEnd()).join('\n')}\n`;
}

/** Text from outside on one line, control characters shown instead of obeyed. */
export function oneLine(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return String(value).replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `2026-11-21 09:30:00` in UTC. */
export function instant(text: string | null | undefined): string {
  return text === null || text === undefined ? '–' : text.slice(0, 19).replace('T', ' ');
}
