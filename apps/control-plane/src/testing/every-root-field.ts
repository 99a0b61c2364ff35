import {
  getNamedType, getNullableType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType, isUnionType,
  type GraphQLField, type GraphQLInputType, type GraphQLObjectType, type GraphQLOutputType, type GraphQLSchema, type OperationTypeNode,
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

/** How generated values are chosen: `text` for every String and ID; optional ones are given too when `all`. */
export interface Filling {
  readonly text: string;
  readonly all: boolean;
}

/** A request of one root field with generated arguments and a selection `levels` deep. */
export function requestOf({ operation, field }: RootField, filling: Filling, levels: number): { readonly query: string; readonly variables: Readonly<Record<string, unknown>> } {
  const args = field.args.filter((arg) => filling.all || isNonNullType(arg.type));
  const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const head = declared === '' ? '' : `(${declared})`;
  const query = `${operation} ${head} { ${field.name}${given === '' ? '' : `(${given})`} ${selectionOf(field.type, levels)} }`;
  return { query, variables: Object.fromEntries(args.map((arg) => [arg.name, valueOf(arg.type, filling, arg.name)])) };
}

function valueOf(type: GraphQLInputType, filling: Filling, name: string): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [valueOf(nullable.ofType, filling, name)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter((field) => isNonNullType(field.type) || (filling.all && field.name !== 'idempotencyKey'));
    return Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type, filling, field.name)]));
  }
  return LEAVES[nullable.name] ?? filling.text;
}

const LEAVES: Readonly<Record<string, unknown>> = {
  Int: 1, Float: 1, Boolean: true, DateTime: '2027-01-01T00:00:00.000Z', Duration: 'PT60S', JSON: {}, AsOf: '1',
};

/** Everything that can be asked for without arguments, down to `levels`. */
function selectionOf(type: GraphQLOutputType, levels: number): string {
  const named = getNamedType(type);
  if (isUnionType(named)) return `{ __typename ${named.getTypes().map((member) => `... on ${member.name} ${fieldsOf(member, levels)}`).join(' ')} }`;
  return isObjectType(named) ? fieldsOf(named, levels) : '';
}

function fieldsOf(type: GraphQLObjectType, levels: number): string {
  const fields = Object.values(type.getFields()).filter((field) => field.args.every((arg) => !isNonNullType(arg.type)));
  const asked = fields.filter((field) => isLeafType(getNamedType(field.type)) || levels > 1);
  return `{ __typename ${asked.map((field) => `${field.name} ${selectionOf(field.type, levels - 1)}`).join(' ')} }`;
}
