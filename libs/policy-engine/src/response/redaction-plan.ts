import type { Detector, PathStep, RedactAction } from '../document.js';
import type { PlacedResponse } from '../verdict.js';

/** A detector that some rule asks for, with the rule that settles what becomes of a find. */
export interface PlannedDetector {
  readonly detector: Detector;
  readonly action: RedactAction;
  readonly ruleId: string;
}

/** A path into the result that some rule asks for. */
export interface PlannedPath {
  readonly steps: readonly PathStep[];
  readonly action: RedactAction;
  readonly ruleId: string;
}

/** All redactions of one tool's answers. */
export interface RedactionPlan {
  /** Each detector once. */
  readonly detectors: readonly PlannedDetector[];
  readonly paths: readonly PlannedPath[];
}

/**
 * Puts the redactions of several rules together. Where two ask for the same detector, `remove` wins, else the first: a
 * further rule never makes more visible.
 */
export function planRedactions(responses: readonly PlacedResponse[]): RedactionPlan {
  const detectors = new Map<Detector, PlannedDetector>();
  const paths: PlannedPath[] = [];
  for (const { ruleId, rule } of responses) {
    for (const [index, redaction] of rule.redact.entries()) {
      const id = `${ruleId}/redact/${index}`;
      if (redaction.kind === 'path') paths.push({ steps: redaction.path.steps, action: redaction.action, ruleId: id });
      else detectors.set(redaction.detector, stricter(detectors.get(redaction.detector), { ...redaction, ruleId: id }));
    }
  }
  return { detectors: [...detectors.values()], paths };
}

/** Of two redactions of one value the one that leaves less: `remove`, else the first. */
export function stricter<Redacting extends { readonly action: RedactAction }>(first: Redacting | undefined, second: Redacting): Redacting {
  return first === undefined || (second.action === 'remove' && first.action !== 'remove') ? second : first;
}
