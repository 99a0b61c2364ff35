/**
 * A log of amounts that end: a sorted set (member → when it ends) and a hash (member → its amount; `=` → the sum of all).
 * Sliding counters have one member for each end, calls in flight one for each reservation. Needs DECIMALS_LUA.
 *
 * `now_ms(given)`: Redis' own time unless one is given · `server_run()`: names this run of the server ·
 * `live_sum(index, units, now)`: drops what has ended · `put` · `take_out` · `keep`: expires both keys.
 */
export const LOGS_LUA = `
local function now_ms(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function server_run()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

local function whole(number)
  return string.format('%.0f', number)
end

local function live_sum(index, units, now)
  local sum = redis.call('HGET', units, '=') or '0'
  local ended = redis.call('ZRANGEBYSCORE', index, '-inf', whole(now))
  if #ended == 0 then return sum end
  for _, member in ipairs(ended) do
    sum = minus(sum, redis.call('HGET', units, member) or '0')
    redis.call('HDEL', units, member)
  end
  redis.call('ZREMRANGEBYSCORE', index, '-inf', whole(now))
  redis.call('HSET', units, '=', sum)
  return sum
end

local function put(index, units, member, ends, amount)
  redis.call('HSET', units, member, plus(redis.call('HGET', units, member) or '0', amount))
  redis.call('HSET', units, '=', plus(redis.call('HGET', units, '=') or '0', amount))
  redis.call('ZADD', index, whole(ends), member)
end

local function take_out(index, units, member, amount)
  local had = redis.call('HGET', units, member)
  if not had then return false end
  local gone = amount
  if is_less(had, amount) then gone = had end
  local left = minus(had, gone)
  if left == '0' then
    redis.call('HDEL', units, member)
    redis.call('ZREM', index, member)
  else
    redis.call('HSET', units, member, left)
  end
  redis.call('HSET', units, '=', minus(redis.call('HGET', units, '=') or '0', gone))
  return true
end

local function keep(index, units, for_ms)
  redis.call('PEXPIRE', index, whole(for_ms))
  redis.call('PEXPIRE', units, whole(for_ms))
end
`;
