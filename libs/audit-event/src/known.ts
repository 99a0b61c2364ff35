/** The members that are known: those that are null or undefined are absent, as audit events want it. */
export type Known<Members> = { readonly [Name in keyof Members as null extends Members[Name] ? never : undefined extends Members[Name] ? never : Name]: Members[Name] } & {
  readonly [Name in keyof Members as null extends Members[Name] ? Name : undefined extends Members[Name] ? Name : never]?: NonNullable<Members[Name]>;
};

/** Leaves out what is null or undefined. */
export function known<Members extends object>(members: Members): Known<Members> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    if (value !== null && value !== undefined) result[name] = value;
  }
  return result as Known<Members>;
}
