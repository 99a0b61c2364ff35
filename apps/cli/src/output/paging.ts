import { InvalidArgumentError, type Command } from 'commander';

/** Flags of every list. */
export interface PageFlags {
  readonly limit: number;
  readonly cursor?: string;
}

/** One page of a list as scripts see it; `nextCursor` is null at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor?: string | null; readonly hasNextPage: boolean };
}

/** Adds `--limit` and `--cursor`. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <n>', 'at most this many, up to 100', wholeNumber(1, 100), 50)
    .option('--cursor <cursor>', 'go on where the last page ended (its nextCursor)');
}

/** The variables of a page. */
export function pageVariables(flags: PageFlags): { first: number; after: string | null } {
  return { first: flags.limit, after: flags.cursor ?? null };
}

/** A connection as a page of mapped items. */
export function pageOf<Node, Item>(connection: Connection<Node>, itemOf: (node: Node) => Item): Page<Item> {
  const { hasNextPage, endCursor } = connection.pageInfo;
  return { items: connection.nodes.map(itemOf), nextCursor: hasNextPage ? (endCursor ?? null) : null };
}

/** The line under a table that says how to go on. */
export function moreLine(page: Page<unknown>): string {
  return page.nextCursor === null ? '' : `\nMore: --cursor ${page.nextCursor}\n`;
}

/** Reads a whole number in a range, for commander. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    return value;
  };
}
