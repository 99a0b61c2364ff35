export type { MintedToken, ParsedToken, TokenKind } from './token.js';
export { MINT_RANDOM_BYTES, TOKEN_KINDS, TOKEN_PATTERN, mintToken, parseToken } from './token.js';
