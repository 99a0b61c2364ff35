import type { Path, PathStep } from '../document.js';

const LIST_INDEX = /^(?:0|[1-9]\d*)$/;

/** A text that two paths share when they lead to the same values in every call, however each was written. */
export function placeOf(path: Path): string {
  return JSON.stringify([path.root, ...path.steps.map(plainStep)]);
}

/** A pointer's token is a key where it cannot be the index of a list: in the arguments, which are an object, and where it is no number. */
function plainStep(step: PathStep, at: number): unknown {
  switch (step.kind) {
    case 'key':
      return step.key;
    case 'index':
      return step.index;
    case 'each':
      return null;
    case 'token':
      return at > 0 && LIST_INDEX.test(step.token) ? [step.token] : step.token;
  }
}
