-- Takes a new epoch for a server, and leaves what its old epoch holds to the new one.
-- KEYS: servers. ARGV: lease in us, name, shards, old epoch or ''.
-- Answers {'OK', now, epoch}, or {'SHARDS', shards} if the cluster has another number of shards.
-- servers holds per epoch 'L <lease end> <name>' (it lives) or 'D <claimer> <name>' (it is dead, and the claimer takes its clients over).
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local had = redis.call('HMGET', KEYS[1], '.shards', '.epoch', '.seen')
if had[1] and had[1] ~= ARGV[3] then
  return {'SHARDS', had[1]}
end

-- The time, so that no epoch is given again by a store that lost its data; in 32 ms and base 36, which is 7 characters: what is stored of a
-- client then fits the 32 bytes that an allocator has for it.
local number = math.max(math.floor(now / 32000), tonumber(had[2] or '0') + 1)
local epoch, rest = '', number
while rest > 0 do
  local digit = rest % 36
  epoch = string.sub('0123456789abcdefghijklmnopqrstuvwxyz', digit + 1, digit + 1) .. epoch
  rest = (rest - digit) / 36
end

local set = {epoch, string.format('L %.0f %s', now + ARGV[1], ARGV[2]), '.shards', ARGV[3], '.epoch', string.format('%.0f', number)}
if not had[3] then
  -- The store is empty: whoever is missing from it has not had the time to register again.
  set[#set + 1] = '.seen'
  set[#set + 1] = string.format('%.0f', now)
  set[#set + 1] = '.amnesty'
  set[#set + 1] = string.format('%.0f', now + ARGV[1])
end

local old = ARGV[4] ~= '' and redis.call('HGET', KEYS[1], ARGV[4])
if old and string.sub(old, 1, 1) == 'L' then
  set[#set + 1] = ARGV[4]
  set[#set + 1] = 'D ' .. epoch .. ' ' .. ARGV[2]
end

redis.call('HSET', KEYS[1], unpack(set))
return {'OK', string.format('%.0f', now), epoch}
