// Figures of a report against the bounds of a budget file: `{ part: { figure: { atLeast?, atMost? } } }`.

/** One verdict a bound, for the parts that the report has. A figure that is missing is not held. */
export function verdictsOf(report, budget) {
  return Object.entries(budget).flatMap(([part, limits]) =>
    part in report && typeof limits === 'object'
      ? Object.entries(limits).map(([figure, bound]) => verdictOf(`${part}.${figure}`, report[part][figure], bound))
      : [],
  );
}

function verdictOf(figure, value, { atLeast, atMost }) {
  if (typeof value !== 'number') return { figure, value: null, atLeast, atMost, held: false };
  return { figure, value, atLeast, atMost, held: (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost) };
}

/** A verdict as a line of a table. */
export function tellVerdict({ figure, value, atLeast, atMost, held }) {
  const bound = [...(atLeast === undefined ? [] : [`≥ ${atLeast}`]), ...(atMost === undefined ? [] : [`≤ ${atMost}`])].join(' ');
  const ratio = typeof value === 'number' && atMost !== undefined && atMost > 0 ? ` (${(value / atMost).toFixed(2)} of it)` : '';
  return `${held ? 'held  ' : 'MISSED'} ${figure.padEnd(34)} ${value === null ? 'not measured' : value.toFixed(value < 10 ? 2 : 0)}  ${bound}${ratio}`;
}
