import type { JsonObject } from '@sallyport/kernel';

/** Why a readable frame, or its headers, are refused before any policy is asked. A closed set. */
export const REFUSAL_REASONS = [
  'repeated_header',
  'invalid_header',
  'header_mismatch',
  'missing_meta',
  'unsupported_version',
  'unknown_method',
  'invalid_params',
  'response_not_expected',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** A refusal with everything its answer needs. `message` is for the caller and holds no argument's value. */
export interface Refusal {
  readonly httpStatus: number;
  readonly rpcCode: number;
  readonly message: string;
  readonly reason: RefusalReason;
  readonly data?: JsonObject;
}
