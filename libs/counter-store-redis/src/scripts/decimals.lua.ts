/**
 * Exact decimals of zero or more as text, `12.05`: sums and differences digit by digit, 14 at a time (two such pieces and a
 * carry stay below 2^53), whole numbers of up to 15 digits by plain arithmetic. No length is too long.
 *
 * `plus(a, b)` · `minus(a, b)`: never below zero · `is_less(a, b)`.
 */
export const DECIMALS_LUA = `
local function is_small(text)
  return #text <= 15 and not string.find(text, '.', 1, true)
end

local function aligned(a, b)
  local a_whole, a_part = string.match(a, '^(%d+)%.?(%d*)$')
  local b_whole, b_part = string.match(b, '^(%d+)%.?(%d*)$')
  local width = math.max(#a_whole, #b_whole) + 1
  local places = math.max(#a_part, #b_part)
  local function padded(whole, part)
    return string.rep('0', width - #whole) .. whole .. part .. string.rep('0', places - #part)
  end
  return padded(a_whole, a_part), padded(b_whole, b_part), places
end

local function trimmed(digits, places)
  local whole = string.gsub(string.sub(digits, 1, #digits - places), '^0+(%d)', '%1')
  local part = string.gsub(string.sub(digits, #digits - places + 1), '0+$', '')
  if part == '' then return whole end
  return whole .. '.' .. part
end

local function combined(a, b, sign)
  local x, y, places = aligned(a, b)
  local pieces, carry = {}, 0
  for stop = #x, 1, -14 do
    local start = math.max(1, stop - 13)
    local width = stop - start + 1
    local piece = tonumber(string.sub(x, start, stop)) + sign * tonumber(string.sub(y, start, stop)) + carry
    carry = 0
    if piece < 0 then
      piece = piece + 10 ^ width
      carry = -1
    elseif piece >= 10 ^ width then
      piece = piece - 10 ^ width
      carry = 1
    end
    table.insert(pieces, 1, string.format('%0' .. width .. '.0f', piece))
  end
  return trimmed(table.concat(pieces), places)
end

local function is_less(a, b)
  if is_small(a) and is_small(b) then return tonumber(a) < tonumber(b) end
  local x, y = aligned(a, b)
  return x < y
end

local function plus(a, b)
  if is_small(a) and is_small(b) then return string.format('%.0f', tonumber(a) + tonumber(b)) end
  return combined(a, b, 1)
end

local function minus(a, b)
  if is_less(a, b) then return '0' end
  if is_small(a) and is_small(b) then return string.format('%.0f', tonumber(a) - tonumber(b)) end
  return combined(a, b, -1)
end
`;
