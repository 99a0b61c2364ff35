/**
 * The statements that create a role where the cluster lacks it, refuse one that steps around row level security, and let the
 * migrating login become it.
 *
 * @param role A name from our own code: it is put into the statements as it is.
 */
export function roleStatements(role: string): readonly string[] {
  return [
    createRole(role),
    refuseMighty(role),
    letMigratorBecome(role),
    `DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${role}', current_schema()); END $$`,
  ];
}

function createRole(role: string): string {
  return `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
      CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`;
}

function refuseMighty(role: string): string {
  return `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}' AND (rolsuper OR rolbypassrls)) THEN
      RAISE EXCEPTION 'role ${role} steps around row level security: alter it to NOSUPERUSER NOBYPASSRLS and start again';
    END IF;
  END $$`;
}

/** A superuser may become anyone; another login needs the membership, which from PostgreSQL 16 on says SET apart from ADMIN. */
function letMigratorBecome(role: string): string {
  return `DO $$ BEGIN
    IF NOT pg_has_role(current_user, '${role}', CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
      EXECUTE format('GRANT ${role} TO %I', current_user);
    END IF;
  END $$`;
}
