import { DECIMALS_LUA } from './decimals.lua.js';
import { LOGS_LUA } from './logs.lua.js';
import { script } from './script.js';

/**
 * Reserves all asks of one call, or none.
 *
 * KEYS  epoch, reservation, then for each ask its count, or its log's two keys.
 * ARGV  time ('' = Redis' own), reservation's id, how long a reservation is known, grace, lease, entries kept exactly,
 *       then for each ask: kind (f, s, c), units, max, window's start, window's end; all times in ms.
 *
 * The epoch is `<id> <server run> <seeded at> <shortest length that was seeded> <calls in flight unknown until>`. Answers:
 *   reset                          there is no epoch, or it is of another run of the server, or of another past
 *   moved, now                     a window of the asks is not the one that Redis is in
 *   refused, index, retry after    in ms; -1: when a call ends
 *   taken, epoch's id, now         the same for the same reservation, however often
 */
export const RESERVE = script(`${DECIMALS_LUA}${LOGS_LUA}
local epoch = redis.call('GET', KEYS[1])
if not epoch then return { 'reset' } end
local id, run, seeded, covered, unknown_until = string.match(epoch, '^(%S+) (%S+) (%d+) (%d+) (%d+)$')
if run ~= server_run() then return { 'reset' } end
local known = redis.call('GET', KEYS[2])
if known then
  local known_id, known_at = string.match(known, '^(%S+) (%d+)$')
  if known_id == id then return { 'taken', id, known_at } end
end
local now = now_ms(ARGV[1])
seeded, covered, unknown_until = tonumber(seeded), tonumber(covered), tonumber(unknown_until)
local grace, lease = tonumber(ARGV[4]), tonumber(ARGV[5])

local sums, asks, key = {}, {}, 3
for at = 7, #ARGV, 5 do
  local ask = { kind = ARGV[at], units = ARGV[at + 1], max = ARGV[at + 2], starts = tonumber(ARGV[at + 3]), ends = tonumber(ARGV[at + 4]), key = KEYS[key] }
  local length = ask.ends - ask.starts
  if ask.kind == 'f' then
    key = key + 1
    if now < ask.starts or now >= ask.ends then return { 'moved', whole(now) } end
    if length < covered and ask.starts < seeded then return { 'reset' } end
    sums[ask.key] = sums[ask.key] or redis.call('GET', ask.key) or '0'
    ask.retry = ask.ends - now
  else
    ask.more = KEYS[key + 1]
    key = key + 2
    if ask.kind == 'c' and now < unknown_until then return { 'reset' } end
    if ask.kind == 's' and length < covered and now - length < seeded then return { 'reset' } end
    sums[ask.key] = sums[ask.key] or live_sum(ask.key, ask.more, now)
    ask.length = length
  end
  local sum = plus(sums[ask.key], ask.units)
  if is_less(ask.max, sum) then
    if ask.kind == 's' then
      local first = redis.call('ZRANGE', ask.key, 0, 0, 'WITHSCORES')
      ask.retry = first[2] and tonumber(first[2]) - now or -1
    end
    return { 'refused', tostring(#asks), whole(ask.retry or -1) }
  end
  sums[ask.key] = sum
  asks[#asks + 1] = ask
end

for _, ask in ipairs(asks) do
  if ask.kind == 'f' then
    redis.call('SET', ask.key, sums[ask.key], 'PX', whole(ask.retry + grace))
  elseif ask.kind == 'c' then
    put(ask.key, ask.more, ARGV[2], now + lease, ask.units)
    keep(ask.key, ask.more, lease + grace)
  else
    local ends = now + ask.length
    if redis.call('ZCARD', ask.key) >= tonumber(ARGV[6]) then
      local grain = math.max(1, math.ceil(ask.length / tonumber(ARGV[6])))
      ends = math.ceil(ends / grain) * grain
    end
    put(ask.key, ask.more, whole(ends), ends, ask.units)
    keep(ask.key, ask.more, ends - now + grace)
  end
end
redis.call('SET', KEYS[2], id .. ' ' .. whole(now), 'PX', ARGV[3])
return { 'taken', id, whole(now) }
`);
