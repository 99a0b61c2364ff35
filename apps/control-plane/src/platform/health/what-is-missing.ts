import type { DataSource } from 'typeorm';

/** What keeps the control plane from serving, one sentence each: a database that does not answer. */
export async function whatIsMissing(dataSource: DataSource): Promise<readonly string[]> {
  try {
    await dataSource.query('SELECT 1');
    return [];
  } catch {
    return ['The database does not answer.'];
  }
}
