export function findCycles(folders: readonly string[], baseDir?: string): Promise<string[]>;
