import { GraphQLError } from 'graphql';

/** Most nodes of one page. */
export const LARGEST_PAGE = 100;

/** A GraphQL connection. */
export interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

/** How many nodes were asked for: 1 to `LARGEST_PAGE`, 50 when nobody said. A larger number is cut, not refused. */
export function pageSize(first: number | null | undefined): number {
  return Math.min(Math.max(first ?? 50, 1), LARGEST_PAGE);
}

/**
 * The connection of rows that were read with one row more than the page has, which tells whether there is another.
 *
 * @param place The sort key of a row: what `cursorPlace` gives back for its cursor. Carries no authority.
 */
export function connectionOf<Row, Node>(
  rows: readonly Row[],
  first: number,
  map: { readonly place: (row: Row) => readonly (string | number)[]; readonly node: (row: Row) => Node },
): Connection<Node> {
  const page = rows.slice(0, first);
  const last = page.at(-1);
  return {
    nodes: page.map(map.node),
    pageInfo: { endCursor: last === undefined ? null : writeCursor(map.place(last)), hasNextPage: rows.length > first },
  };
}

/** An opaque cursor of a sort key. */
export function writeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place), 'utf8').toString('base64url');
}

/**
 * The sort key in a cursor; `undefined` without a cursor.
 *
 * @param parts How many parts the sort key has.
 * @throws {GraphQLError} `bad_input` for a text that is no cursor of this list.
 */
export function readCursor(cursor: string | null | undefined, parts: number): readonly string[] | undefined {
  if (cursor === null || cursor === undefined) return undefined;
  const place = parsedCursor(cursor);
  if (place === undefined || place.length !== parts) {
    throw new GraphQLError('This is not a cursor of this list.', { extensions: { code: 'bad_input' } });
  }
  return place.map(String);
}

function parsedCursor(cursor: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) && value.every((part) => typeof part === 'string' || typeof part === 'number') ? value : undefined;
  } catch {
    return undefined;
  }
}
