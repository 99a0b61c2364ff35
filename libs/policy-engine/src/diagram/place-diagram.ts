import { canonicalValue } from '../canonical-value.js';
import { isNumber, type JsonNumber } from '../compare-numbers.js';
import type { Comparison } from '../document.js';
import { cellOf, questionOf, type Cell, type Testing } from './comparison-cells.js';
import type { Diagram, DiagramRef } from './diagram.js';
import { namedValues, regionsOf, type PlaceType, type Region } from './place-values.js';
import { TRUTH, negated } from './truths.js';

/** The comparisons on one place, as functions of what may stand there. */
export interface PlaceDiagram {
  /** The truth of one of the comparisons the place was made for. */
  truthOf(comparison: Comparison): DiagramRef;
}

/** What a place is made of. */
export interface PlaceParts {
  readonly diagram: Diagram;
  readonly comparisons: readonly Comparison[];
  readonly type: PlaceType;
  readonly testing: Testing;
  /** Notes a variable that stands for a question whose answer is not looked into: a pattern and the like. */
  readonly noteQuestion: (variable: number) => void;
}

const MAX_WORK = 100_000;
const { no, yes, unknown } = TRUTH;

/** Prepares the comparisons on a place that holds at most one value. */
export function singlePlace(parts: PlaceParts): PlaceDiagram {
  if (isTooWide(parts.comparisons)) return new Questions(parts);
  return new OneValue(parts);
}

/** Prepares the comparisons on a place that holds any number of values: each holds when it does for any of them. */
export function severalPlaces(parts: PlaceParts): PlaceDiagram {
  if (isTooWide(parts.comparisons)) return new Questions(parts);
  return new SeveralValues(parts);
}

/** A text that comparisons on one place share when they ask the same. */
export function comparisonKey({ op, value }: Comparison): string {
  if ((op !== 'in' && op !== 'not_in') || !Array.isArray(value)) return `${op} ${canonicalValue(value)}`;
  return `${op} ${[...new Set((value as readonly Comparison['value'][]).map(canonicalValue))].sort().join()}`;
}

function isTooWide(comparisons: readonly Comparison[]): boolean {
  const named = comparisons.reduce((sum, each) => sum + namedValues(each).length, 0);
  return named * (named + comparisons.length) > MAX_WORK;
}

/** Each comparison a question of its own, its answer not looked into. */
class Questions implements PlaceDiagram {
  private readonly asked = new Map<string, number>();

  constructor(protected readonly parts: PlaceParts) {}

  truthOf(comparison: Comparison): DiagramRef {
    return this.ask(questionOf(comparison));
  }

  protected ask({ key, truths }: Extract<Cell, { kind: 'question' }>): DiagramRef {
    const { diagram } = this.parts;
    let variable = this.asked.get(key);
    if (variable === undefined) {
      variable = diagram.variable();
      this.asked.set(key, variable);
      this.parts.noteQuestion(variable);
    }
    return diagram.ask(variable, truths.map((truth) => diagram.leaf(truth)));
  }
}

class OneValue extends Questions {
  private readonly variable: number;
  private readonly regions: readonly Region[];
  private readonly made = new Map<string, DiagramRef>();
  private lengths: LengthVariable | undefined;

  constructor(parts: PlaceParts) {
    super(parts);
    this.variable = parts.diagram.variable();
    this.regions = mergedRegions(parts);
  }

  override truthOf(comparison: Comparison): DiagramRef {
    const key = comparisonKey(comparison);
    const before = this.made.get(key);
    if (before !== undefined) return before;
    const { diagram, testing } = this.parts;
    const branches = this.regions.map((region) => this.branch(comparison, cellOf(comparison, region, testing)));
    const made = diagram.ask(this.variable, branches);
    this.made.set(key, made);
    return made;
  }

  private branch(comparison: Comparison, cell: Cell): DiagramRef {
    if (cell.kind === 'truth') return this.parts.diagram.leaf(cell.truth);
    if (cell.kind === 'question') return this.ask(cell);
    this.lengths ??= new LengthVariable(this.parts);
    return this.lengths.truthOf(comparison);
  }
}

class LengthVariable implements PlaceDiagram {
  private readonly variable: number;
  private readonly lengths: readonly number[];

  constructor(private readonly parts: PlaceParts) {
    this.variable = parts.diagram.variable();
    const bounds = parts.comparisons.flatMap(({ op, value }) => ((op === 'length_gt' || op === 'length_lt') && isNumber(value) ? [asDouble(value)] : []));
    // The least length, and those from which a comparison comes to something else.
    const steps = bounds.flatMap((bound) => [Math.floor(bound) + 1, Math.ceil(bound)]);
    this.lengths = [...new Set([0, ...steps])].filter((length) => length >= 0);
  }

  truthOf({ op, value }: Comparison): DiagramRef {
    const { diagram } = this.parts;
    const bound = isNumber(value) ? asDouble(value) : Number.NaN;
    const holds = (length: number): boolean => (op === 'length_gt' ? length > bound : length < bound);
    return diagram.ask(this.variable, this.lengths.map((length) => diagram.leaf(holds(length) ? yes : no)));
  }
}

/** Whether some value lies in a region is a variable for each region; compilation and the like are questions about all values together. */
class SeveralValues extends Questions {
  private readonly regions: readonly { readonly region: Region; readonly variable: number }[];
  private readonly made = new Map<string, DiagramRef>();

  constructor(parts: PlaceParts) {
    super(parts);
    const told = parts.comparisons.filter(isToldApart);
    this.regions = mergedRegions({ ...parts, comparisons: told }).map((region) => ({ region, variable: parts.diagram.variable() }));
  }

  override truthOf(comparison: Comparison): DiagramRef {
    const key = comparisonKey(comparison);
    const before = this.made.get(key);
    if (before !== undefined) return before;
    const made = this.make(comparison);
    this.made.set(key, made);
    return made;
  }

  private make(comparison: Comparison): DiagramRef {
    if (!isToldApart(comparison)) return this.ask(questionForAny(comparison));
    if (comparison.op !== 'exists' || comparison.value === true) return this.anyOf(comparison);
    return this.parts.diagram.replace('not', this.anyOf({ ...comparison, value: true }), negated);
  }

  /** Yes when a value holds; else unknown when there is none at all or one is unknown; else no. */
  private anyOf(comparison: Comparison): DiagramRef {
    const { diagram, testing } = this.parts;
    const start = diagram.leaf(comparison.op === 'exists' ? no : NOTHING);
    const each = this.regions.map(({ region, variable }) => {
      const cell = cellOf(comparison, region, testing);
      const truth = cell.kind === 'truth' ? cell.truth : unknown;
      return diagram.ask(variable, [diagram.leaf(NOTHING), diagram.leaf(truth)]);
    });
    const any = diagram.joinAll({ name: 'any value', join: eitherValue }, each, start);
    return diagram.replace('of any value', any, (value) => (value === NOTHING ? unknown : value));
  }
}

/** Stands for "no value so far". */
const NOTHING = 4;

function eitherValue(left: number, right: number): number {
  if (left === yes || right === yes) return yes;
  if (left === NOTHING) return right;
  return right === NOTHING || left === unknown ? left : right;
}

function isToldApart({ op }: Comparison): boolean {
  return namedOps.has(op);
}

const namedOps: ReadonlySet<string> = new Set(['eq', 'neq', 'in', 'not_in', 'lt', 'lte', 'gt', 'gte', 'exists']);

/** That no value's host is listed is another question than that some value's is not. */
function questionForAny(comparison: Comparison): Extract<Cell, { kind: 'question' }> {
  const question = questionOf(comparison);
  return comparison.op === 'host_not_in' ? { ...question, key: `not ${question.key}` } : question;
}

/** Leaves out regions that no comparison tells from another. */
function mergedRegions({ type, comparisons, testing }: PlaceParts): readonly Region[] {
  const byCells = new Map<string, Region>();
  for (const region of regionsOf(type, comparisons)) {
    const cells = JSON.stringify(comparisons.map((each) => cellOf(each, region, testing)));
    if (!byCells.has(cells)) byCells.set(cells, region);
  }
  return [...byCells.values()];
}

function asDouble(value: JsonNumber): number {
  return typeof value === 'number' ? value : value.toDouble();
}
