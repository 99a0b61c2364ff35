/** The referee's runs that are compared, by what it plays and the revision. */
export const RUNS = ['server 2025-06-18', 'server 2025-11-25', 'server 2026-07-28', 'client 2025-06-18', 'client 2025-11-25', 'client 2026-07-28'] as const;

/** One of them. */
export type Run = (typeof RUNS)[number];
