/** The members of an audit event that say what it is about. */
interface About {
  readonly server?: { readonly alias?: string };
  readonly mcp?: { readonly tool?: string };
  readonly admin?: { readonly object_type?: string; readonly object_id?: string };
  readonly actor?: { readonly credential_kind?: string; readonly credential_id?: string };
  readonly source?: { readonly ip?: string };
  readonly export?: { readonly sink_name?: string };
}

/**
 * What an audit event is about, as a cell of a table: the tool that was called, the object that was changed, the sink that was exported to, the credential of a
 * sign-in or where it came from; null where it is about the stream itself.
 *
 * @param line The event's JSON text.
 */
export function eventAbout(line: string): string | null {
  const { server, mcp, admin, actor, source, export: exported }: About = JSON.parse(line);
  if (admin?.object_type !== undefined) return `${admin.object_type}/${admin.object_id ?? ''}`;
  if (mcp?.tool !== undefined) return `${server?.alias ?? ''}/${mcp.tool}`;
  if (exported?.sink_name !== undefined) return `sink/${exported.sink_name}`;
  if (server?.alias !== undefined) return server.alias;
  if (actor?.credential_id !== undefined) return `${actor.credential_kind ?? 'credential'}/${actor.credential_id}`;
  return source?.ip === undefined ? null : `from ${source.ip}`;
}
