import type { PolicyPart, PolicySection } from './policy-part.js';
import { matches, type ToolClass } from './tool-class.js';

/** A part, and the section it binds with. */
export interface ActivePart {
  readonly section: PolicySection;
  readonly part: PolicyPart;
}

/** Whether a section may bind a tool of a class. */
export function isAbout({ scope }: PolicySection, about: ToolClass): boolean {
  if (scope.kind === 'tool') return scope.tool === about.tool;
  return scope.kind === 'all' || matches(scope.match, about) !== 'no';
}

const NEAREST_FIRST = { tool: 0, select: 1, all: 2 } as const;

/** The parts that may bind tools of a class, the nearest first: a tool's own, then those of its classes, then those of all tools. */
export function activeParts(sections: readonly PolicySection[], about: ToolClass): readonly ActivePart[] {
  const near = sections.filter((section) => isAbout(section, about)).sort((left, right) => NEAREST_FIRST[left.scope.kind] - NEAREST_FIRST[right.scope.kind]);
  return near.flatMap((section) => section.parts.map((part) => ({ section, part })));
}
