import type { ListedTool } from '@sallyport/domain-events';
import { branded, type Sha256Hex } from '@sallyport/kernel';

/** A tool's name with the hash of its definition. */
export interface SeenTool {
  readonly name: string;
  readonly hash: Sha256Hex;
}

/** Stands for the hash of a tool that is no longer listed. */
export const NOT_LISTED = branded<Sha256Hex>('');

/**
 * How a listing differs from the approved one: tools with another definition, new ones, and with `NOT_LISTED` those that
 * are gone; ordered by name. The order of the listing makes no difference.
 */
export function toolChanges(approved: readonly ListedTool[], seen: readonly SeenTool[]): readonly SeenTool[] {
  const before = new Map(approved.map((tool) => [tool.name, tool.hash]));
  const after = new Map(seen.map((tool) => [tool.name, tool.hash]));
  const changes: SeenTool[] = [];
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const hash = after.get(name) ?? NOT_LISTED;
    if (hash !== before.get(name)) changes.push({ name, hash });
  }
  return changes;
}
