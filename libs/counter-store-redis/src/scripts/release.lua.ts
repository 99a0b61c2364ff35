import { DECIMALS_LUA } from './decimals.lua.js';
import { LOGS_LUA } from './logs.lua.js';
import { script } from './script.js';

/**
 * Gives back what one reservation took. Counts of windows only where they are still those of the reservation's epoch; calls in
 * flight always, since they are known by the reservation.
 *
 * KEYS  epoch, reservation, then for each ask its count, or its log's two keys.
 * ARGV  reservation's id, epoch's id ('' = whatever the reservation says, if Redis knows it), entries kept exactly,
 *       then for each ask: kind (f, s, c), units, window's start, window's end.
 */
export const RELEASE = script(`${DECIMALS_LUA}${LOGS_LUA}
local epoch = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+)')
local wanted = ARGV[2]
if wanted == '' then wanted = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+)') end
redis.call('DEL', KEYS[2])

local key = 3
for at = 4, #ARGV, 4 do
  local kind, units, starts, ends = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local count = KEYS[key]
  if kind == 'f' then
    key = key + 1
    local spent = wanted and epoch == wanted and redis.call('GET', count)
    if spent then redis.call('SET', count, minus(spent, units), 'KEEPTTL') end
  elseif kind == 'c' then
    take_out(count, KEYS[key + 1], ARGV[1], units)
    key = key + 2
  else
    if wanted and epoch == wanted and not take_out(count, KEYS[key + 1], whole(ends), units) then
      local grain = math.max(1, math.ceil((ends - starts) / tonumber(ARGV[3])))
      take_out(count, KEYS[key + 1], whole(math.ceil(ends / grain) * grain), units)
    end
    key = key + 2
  end
end
return 1
`);
