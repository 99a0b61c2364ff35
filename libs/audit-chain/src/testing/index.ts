export type { ALog, ExportWish, LogWish } from './an-export.js';
export { LOGGED_ORGANISATION, aCheckpoint, aLog, anExport, fileOf } from './an-export.js';
export { aNoteSigner, nodeSha256, nodeVerify } from './node-crypto.js';
