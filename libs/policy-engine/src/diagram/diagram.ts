/** A function of the variables of one `Diagram`. Two references of one diagram are equal exactly when the functions are. */
export type DiagramRef = number;

/** What a diagram may cost, so that no document can keep a thread busy. */
export interface DiagramBudget {
  /** Branches held, over all nodes. */
  readonly branches: number;
  /** Pairs of nodes combined. */
  readonly steps: number;
}

const BUDGET: DiagramBudget = { branches: 100_000, steps: 100_000 };
/** Functions that look at more variables in a row are not followed: it bounds the recursion. */
const MAX_DEPTH = 1_000;
/** The value of a function that could not be worked out within the budget. */
export const UNKNOWN_VALUE = 255;

interface Node {
  readonly variable: number;
  readonly branches: readonly DiagramRef[];
  readonly depth: number;
}

/** A leaf, seen as a node: it comes after every variable. */
const LEAF: Node = { variable: Infinity, branches: [], depth: 0 };

/** Joins two values; must be given the same `name` for the same function, under which results are kept. */
export interface Joining {
  readonly name: string;
  readonly join: (left: number, right: number) => number;
}

/**
 * Functions from finitely many variables, each with finitely many values, to small whole numbers (0 to 254), in the one
 * reduced and ordered form that makes equal functions the same reference (Bryant's decision diagrams, with many values
 * and many leaves). Variables are ordered as they were made.
 */
export class Diagram {
  private readonly nodes: Node[] = [];
  private readonly known = new Map<string, DiagramRef>();
  private readonly joined = new Map<string, Map<number, DiagramRef>>();
  private variables = 0;
  private branchesLeft: number;
  private stepsLeft: number;

  constructor(private readonly budget: DiagramBudget = BUDGET) {
    this.branchesLeft = budget.branches;
    this.stepsLeft = budget.steps;
  }

  /** How many steps were taken. */
  get stepsTaken(): number {
    return this.budget.steps - Math.max(0, this.stepsLeft);
  }

  /** The function that always has one value. */
  leaf(value: number): DiagramRef {
    return -1 - value;
  }

  /** A new variable, asked after all those that exist. */
  variable(): number {
    this.variables += 1;
    return this.variables;
  }

  /** The function that asks a variable and goes on by its value; the branches may only ask later variables. */
  ask(variable: number, branches: readonly DiagramRef[]): DiagramRef {
    const first = branches[0] ?? this.leaf(UNKNOWN_VALUE);
    if (branches.every((each) => each === first)) return first;
    const key = `${variable}:${branches.join()}`;
    return this.known.get(key) ?? this.keep(key, variable, branches);
  }

  /** The function whose value is the two functions' values joined. */
  join(how: Joining, left: DiagramRef, right: DiagramRef): DiagramRef {
    let results = this.joined.get(how.name);
    if (results === undefined) this.joined.set(how.name, (results = new Map()));
    return this.joinInto(results, how, [left, right]);
  }

  /** Joins one after the other, from the left. */
  joinAll(how: Joining, all: readonly DiagramRef[], start: DiagramRef): DiagramRef {
    return all.reduce((left, right) => this.join(how, left, right), start);
  }

  /** The function with each value replaced. */
  replace(name: string, of: DiagramRef, by: (value: number) => number): DiagramRef {
    return this.join({ name, join: by }, of, this.leaf(0));
  }

  /** Every value the function can have, were all its variables free. */
  values(of: DiagramRef): ReadonlySet<number> {
    const found = new Set<number>();
    this.walk(of, (each) => (each < 0 ? found.add(-1 - each) : undefined));
    return found;
  }

  /** The variables the function depends on. */
  support(of: DiagramRef): ReadonlySet<number> {
    const found = new Set<number>();
    this.walk(of, (each) => (each < 0 ? undefined : found.add(this.at(each).variable)));
    return found;
  }

  private walk(of: DiagramRef, visit: (each: DiagramRef) => void): void {
    const seen = new Set<DiagramRef>([of]);
    for (const each of seen) {
      visit(each);
      for (const branch of this.at(each).branches) seen.add(branch);
    }
  }

  private keep(key: string, variable: number, branches: readonly DiagramRef[]): DiagramRef {
    const depth = 1 + Math.max(...branches.map((each) => this.at(each).depth));
    this.branchesLeft -= branches.length;
    if (this.branchesLeft < 0 || depth > MAX_DEPTH) return this.leaf(UNKNOWN_VALUE);
    const made = this.nodes.push({ variable, branches, depth }) - 1;
    this.known.set(key, made);
    return made;
  }

  private joinInto(results: Map<number, DiagramRef>, how: Joining, [left, right]: readonly [DiagramRef, DiagramRef]): DiagramRef {
    if (left < 0 && right < 0) return this.leaf(joinValues(how, -1 - left, -1 - right));
    const key = left * 67_108_864 + right;
    const before = results.get(key);
    if (before !== undefined) return before;
    this.stepsLeft -= 1;
    if (this.stepsLeft < 0) return this.leaf(UNKNOWN_VALUE);
    const made = this.joinBranches(results, how, [left, right]);
    results.set(key, made);
    return made;
  }

  private joinBranches(results: Map<number, DiagramRef>, how: Joining, [left, right]: readonly [DiagramRef, DiagramRef]): DiagramRef {
    const [a, b] = [this.at(left), this.at(right)];
    const variable = Math.min(a.variable, b.variable);
    const lefts = a.variable === variable ? a.branches : [];
    const rights = b.variable === variable ? b.branches : [];
    const width = Math.max(lefts.length, rights.length);
    const branches: DiagramRef[] = [];
    for (let index = 0; index < width; index += 1) {
      branches.push(this.joinInto(results, how, [lefts[index] ?? left, rights[index] ?? right]));
    }
    return this.ask(variable, branches);
  }

  private at(ref: DiagramRef): Node {
    return this.nodes[ref] ?? LEAF;
  }
}

function joinValues(how: Joining, left: number, right: number): number {
  return left === UNKNOWN_VALUE || right === UNKNOWN_VALUE ? UNKNOWN_VALUE : how.join(left, right);
}
