// A run as it was written down, line by line, and what is checked of it besides what every history is held to.

const KINDS = { call: 'calls', revocation: 'revocations', report: 'reports', cutOff: 'cutOffs', audit: 'audit', hole: 'holes', hardLimit: 'hardLimits', replay: 'replays', stored: 'stored', fault: 'faults' };

/** Lines `{ kind, … }` as one history; `stored` and `faults` stand beside what `checkHistory` looks at. */
export function readHistory(text) {
  const history = Object.fromEntries(Object.values(KINDS).map((list) => [list, []]));
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { kind, ...seen } = JSON.parse(line);
    if (!(kind in KINDS)) throw new Error(`no such kind of line: ${kind}`);
    history[KINDS[kind]].push(seen);
  }
  return history;
}

/** I5 also says that whoever was answered is in the record: no grant has fewer allowed calls stored than were answered. */
export function unrecordedAnswers({ calls, stored }) {
  const answered = new Map();
  for (const { grant, verdict } of calls) if (verdict === 'allowed') answered.set(grant, (answered.get(grant) ?? 0) + 1);
  const kept = new Map(stored.map(({ grant, allowed }) => [grant, allowed]));
  return [...answered]
    .filter(([grant, count]) => (kept.get(grant) ?? 0) < count)
    .map(([grant, count]) => ({ invariant: 'I5', sentence: `${count} calls of ${grant} were answered as allowed and ${kept.get(grant) ?? 0} are stored` }));
}
