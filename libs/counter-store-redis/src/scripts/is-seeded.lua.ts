import { script } from './script.js';

/** Whether there is an epoch of this run of the server: 1 or 0. KEYS: the epoch. */
export const IS_SEEDED = script(`
local epoch = redis.call('GET', KEYS[1])
if not epoch then return 0 end
return string.match(epoch, '^%S+ (%S+)') == string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') and 1 or 0
`);
