export function undocumented(path: string, text?: string): string[];
