import { GraphQLError, Kind, type SelectionNode, type SelectionSetNode, type ValidationContext, type ValidationRule } from 'graphql';

const OBJECT_COST = 2;
const LEAF_COST = 1;
const DEPTH_FACTOR = 1.5;

/**
 * Refuses an operation whose fields together cost more than `most`: a leaf 1, an object 2 and its fields 1.5 times over.
 * Pages do not multiply: their size is bounded, and a literal `first` must not cost more than a variable. Introspection
 * costs nothing: it is refused or allowed as a whole.
 */
export function costRule(most: number): ValidationRule {
  return (context: ValidationContext) => {
    const fragments: FragmentCosts = new Map();
    return {
      OperationDefinition(operation) {
        const cost = costOfSet(operation.selectionSet, context, fragments);
        if (cost > most) context.reportError(new GraphQLError(`This request costs ${Math.ceil(cost)}; at most ${most} is accepted.`, { nodes: operation }));
      },
    };
  };
}

/** What each fragment costs, counted once however often it is used: without it, fragments that double would take for ever. */
type FragmentCosts = Map<string, number>;

function costOfSet(set: SelectionSetNode | undefined, context: ValidationContext, fragments: FragmentCosts): number {
  let cost = 0;
  for (const selection of set?.selections ?? []) cost += costOf(selection, context, fragments);
  return cost;
}

function costOf(selection: SelectionNode, context: ValidationContext, fragments: FragmentCosts): number {
  switch (selection.kind) {
    case Kind.FIELD:
      if (selection.name.value.startsWith('__')) return 0;
      if (selection.selectionSet === undefined) return LEAF_COST;
      return OBJECT_COST + DEPTH_FACTOR * costOfSet(selection.selectionSet, context, fragments);
    case Kind.INLINE_FRAGMENT:
      return costOfSet(selection.selectionSet, context, fragments);
    case Kind.FRAGMENT_SPREAD:
      return costOfFragment(selection.name.value, context, fragments);
  }
}

/** A fragment inside itself costs nothing here; another rule refuses it. */
function costOfFragment(name: string, context: ValidationContext, fragments: FragmentCosts): number {
  const known = fragments.get(name);
  if (known !== undefined) return known;
  fragments.set(name, 0);
  const cost = costOfSet(context.getFragment(name)?.selectionSet, context, fragments);
  fragments.set(name, cost);
  return cost;
}
