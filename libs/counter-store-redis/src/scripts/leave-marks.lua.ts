import { script } from './script.js';

/**
 * Marks that end by themselves; one that lasts longer stays.
 *
 * KEYS  a mark's key each.  ARGV  for each: milliseconds.
 */
export const LEAVE_MARKS = script(`
for at = 1, #KEYS do
  if redis.call('PTTL', KEYS[at]) < tonumber(ARGV[at]) then redis.call('SET', KEYS[at], '1', 'PX', ARGV[at]) end
end
return 1
`);

/** Which of the marks are there: a list of 0 and 1 beside KEYS. */
export const BORNE_MARKS = script(`
local found = {}
for at = 1, #KEYS do found[at] = redis.call('EXISTS', KEYS[at]) end
return found
`);
