import type { ChangedCall, SimulationReport, UnknownCall } from '@sallyport/policy-engine';

/** How far a simulation has come, as GraphQL's `SimulationProgress`. */
export function progressToGraphql(progress: { readonly taken: number; readonly atMs: number | null }, total: number) {
  return { __typename: 'SimulationProgress' as const, taken: progress.taken, total, at: progress.atMs === null ? null : new Date(progress.atMs) };
}

/** What a simulation found, as GraphQL's `SimulationReport`. */
export function reportToGraphql({ atMs: _, examples, unknownExamples, ...report }: SimulationReport) {
  return { __typename: 'SimulationReport' as const, ...report, examples: examples.map(changedToGraphql), unknownExamples: unknownExamples.map(unknownToGraphql) };
}

function changedToGraphql({ decisionId, atMs, tool, was, wouldBe }: ChangedCall) {
  return { decisionId, at: new Date(atMs), tool, was: pastOf(was), wouldBe };
}

function unknownToGraphql({ decisionId, atMs, tool, was, mayBe, needed }: UnknownCall) {
  return { decisionId, at: new Date(atMs), tool, was: pastOf(was), mayBe, needed };
}

function pastOf({ outcome, ruleId, reasonCode }: ChangedCall['was']) {
  return { outcome, ruleId, reasonCode };
}
