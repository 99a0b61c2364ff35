import { DECIMALS_LUA } from './decimals.lua.js';
import { LOGS_LUA } from './logs.lua.js';
import { script } from './script.js';

/**
 * Puts back what was spent, and with its last piece sets the epoch: in one step with it. Nothing happens unless the caller
 * still holds the lock and there is still no epoch of this run of the server. A count that is there already and higher stays.
 *
 * KEYS  epoch, lock, then for each seed its count, or its log's two keys.
 * ARGV  time ('' = Redis' own), lock's token, grace, lease, epoch's id ('' = more pieces follow), shortest length seeded,
 *       whether calls may be in flight (1, 0), then for each seed: kind (f, s), units, window's start, window's end.
 * Answers `done`, or `lost`: somebody else seeds, or has.
 */
export const SEED = script(`${DECIMALS_LUA}${LOGS_LUA}
local epoch = redis.call('GET', KEYS[1])
local run = server_run()
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 'lost' end
if epoch and string.match(epoch, '^%S+ (%S+)') == run then return 'lost' end
local now, grace, lease = now_ms(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])

local key = 3
for at = 8, #ARGV, 4 do
  local units, starts, ends = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local count = KEYS[key]
  if ARGV[at] == 'f' then
    key = key + 1
    local spent = redis.call('GET', count)
    if ends + grace > now and not (spent and is_less(units, spent)) then redis.call('SET', count, units, 'PX', whole(ends + grace - now)) end
  else
    local had = redis.call('HGET', KEYS[key + 1], whole(ends)) or '0'
    if ends > now and is_less(had, units) then
      put(count, KEYS[key + 1], whole(ends), ends, minus(units, had))
      keep(count, KEYS[key + 1], ends - starts + grace)
    end
    key = key + 2
  end
end
if ARGV[5] == '' then return 'done' end
local unknown_until = ARGV[7] == '1' and now + lease or 0
redis.call('SET', KEYS[1], table.concat({ ARGV[5], run, whole(now), ARGV[6], whole(unknown_until) }, ' '))
redis.call('DEL', KEYS[2])
return 'done'
`);
