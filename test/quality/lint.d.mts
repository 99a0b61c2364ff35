export function writeProjectGraph(): void;
