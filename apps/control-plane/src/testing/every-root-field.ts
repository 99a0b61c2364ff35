import {
  getNamedType, getNullableType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType, isUnionType,
  type GraphQLField, type GraphQLInputType, type GraphQLObjectType, type GraphQLOutputType, type GraphQLSchema, type GraphQLUnionType, type OperationTypeNode,
} from 'graphql';

/** One root field of the schema. */
export interface RootField {
  readonly operation: `${OperationTypeNode}`;
  readonly field: GraphQLField<unknown, unknown>;
}

/** Every field of Query, Mutation and Subscription. */
export function everyRootField(schema: GraphQLSchema): readonly RootField[] {
  const of = (operation: RootField['operation'], type: GraphQLObjectType | null | undefined): readonly RootField[] =>
    Object.values(type?.getFields() ?? {}).map((field) => ({ operation, field }));
  return [...of('query', schema.getQueryType()), ...of('mutation', schema.getMutationType()), ...of('subscription', schema.getSubscriptionType())];
}

/** How generated values are chosen. */
export interface Filling {
  /** For every String and ID. */
  readonly text: string;
  /** Whether optional arguments and parts of inputs are given too. */
  readonly all: boolean;
  /** For `after`, which is left out without one. */
  readonly cursor?: string;
}

/** A request of one root field with generated arguments and a selection `levels` deep. */
export function requestOf({ operation, field }: RootField, filling: Filling, levels: number): { readonly query: string; readonly variables: Readonly<Record<string, unknown>> } {
  const args = field.args.filter((arg) => (arg.name === 'after' ? filling.cursor !== undefined : filling.all || isNonNullType(arg.type)));
  const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const head = declared === '' ? '' : `(${declared})`;
  const query = `${operation} ${head} { ${field.name}${given === '' ? '' : `(${given})`} ${selectionOf(field.type, levels)} }`;
  return { query, variables: Object.fromEntries(args.map((arg) => [arg.name, arg.name === 'after' ? filling.cursor : valueOf(arg.type, filling)])) };
}

function valueOf(type: GraphQLInputType, filling: Filling): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [valueOf(nullable.ofType, filling)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  if (isInputObjectType(nullable)) {
    const all = Object.values(nullable.getFields());
    const some = all.filter((field) => isNonNullType(field.type) || (filling.all && field.name !== 'idempotencyKey'));
    const fields = nullable.isOneOf ? all.slice(0, 1) : some;
    return Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type, filling)]));
  }
  return LEAVES[nullable.name] ?? filling.text;
}

const LEAVES: Readonly<Record<string, unknown>> = {
  Int: 1, Float: 1, Boolean: true, DateTime: '2027-01-01T00:00:00.000Z', Duration: 'PT60S', JSON: {}, AsOf: '1000000',
};

/** Everything that can be asked for without arguments, down to `levels`. */
function selectionOf(type: GraphQLOutputType, levels: number): string {
  const named = getNamedType(type);
  if (isUnionType(named)) return `{ __typename ${named.getTypes().map((member) => `... on ${member.name} ${fieldsOf(member, levels, unlike(named, member))}`).join(' ')} }`;
  return isObjectType(named) ? fieldsOf(named, levels, new Set()) : '';
}

/** @param aliased Names that need one of their own beside the other members of a union. */
function fieldsOf(type: GraphQLObjectType, levels: number, aliased: ReadonlySet<string>): string {
  const fields = Object.values(type.getFields()).filter((field) => field.args.every((arg) => !isNonNullType(arg.type)));
  const asked = fields.filter((field) => isLeafType(getNamedType(field.type)) || levels > 1);
  const named = (name: string) => (aliased.has(name) ? `${type.name}_${name}: ${name}` : name);
  return `{ __typename ${asked.map((field) => `${named(field.name)} ${selectionOf(field.type, levels - 1)}`).join(' ')} }`;
}

/** Fields of a union's member that another member has with another type. */
function unlike(union: GraphQLUnionType, member: GraphQLObjectType): ReadonlySet<string> {
  const others = union.getTypes().filter((other) => other !== member);
  const differs = (field: GraphQLField<unknown, unknown>) => others.some((other) => String(other.getFields()[field.name]?.type ?? field.type) !== String(field.type));
  return new Set(Object.values(member.getFields()).filter(differs).map((field) => field.name));
}
