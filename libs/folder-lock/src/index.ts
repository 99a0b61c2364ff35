export type { FolderHolder } from './folder-lock.js';
export { lockFolder } from './folder-lock.js';
