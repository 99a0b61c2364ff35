import { branded, type Brand, type EpochMs } from '@sallyport/kernel';
import { v7 } from 'uuid';

/** A new id: UUIDv7 of the given instant, so that ids sort by when they were made. */
export function newId<Id extends Brand<string, string>>(at: EpochMs): Id {
  return branded<Brand<string, string>>(v7({ msecs: at })) as Id;
}
