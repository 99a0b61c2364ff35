import { DECIMALS_LUA } from './decimals.lua.js';
import { LOGS_LUA } from './logs.lua.js';
import { script } from './script.js';

/**
 * Says that calls of one organisation are still in flight; one that Redis lost is put back, whatever its counter's maximum.
 *
 * KEYS  two for each call.
 * ARGV  time ('' = Redis' own), lease, grace, then for each call: reservation's id, units.
 */
export const RENEW = script(`${DECIMALS_LUA}${LOGS_LUA}
local now, lease, grace = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for at = 4, #ARGV, 2 do
  local index, units = KEYS[at - 3], KEYS[at - 2]
  if redis.call('HGET', units, ARGV[at]) then
    redis.call('ZADD', index, whole(now + lease), ARGV[at])
  else
    put(index, units, ARGV[at], now + lease, ARGV[at + 1])
  end
  keep(index, units, lease + grace)
end
return 1
`);
