/** Runs one statement and answers its rows: a TypeORM `EntityManager`, or the feed's own connection. */
export interface Queries {
  query<Rows>(statement: string, values: readonly unknown[]): Promise<Rows>;
}
