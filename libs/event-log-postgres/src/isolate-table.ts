import { SERVING_ROLE } from './serving-role.js';

/** What the serving role may do in a table. */
export type Verb = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

const OWN_ROWS = `organisation_id = NULLIF(current_setting('app.organisation', true), '')::uuid`;

/**
 * The statements that put a table with an `organisation_id uuid` column under row level security, for a migration:
 * enabled and forced on its owner too; the serving role sees and writes the rows of the organisation its transaction
 * entered, and none when it entered none.
 *
 * @param table A name from our own code, never from outside: it is put into the statements as it is.
 * @param verbs What the serving role is granted; what it is not granted is refused whatever the row.
 */
export function isolateTable(table: string, verbs: readonly Verb[]): readonly string[] {
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY own_organisation ON ${table} FOR ALL TO ${SERVING_ROLE} USING (${OWN_ROWS}) WITH CHECK (${OWN_ROWS})`,
    `GRANT ${verbs.join(', ')} ON ${table} TO ${SERVING_ROLE}`,
  ];
}
