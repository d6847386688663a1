-- Takes an epoch for a server, and leaves what its old epoch holds to the new one.
-- KEYS: servers, leases, dead. ARGV: lease in us, name, shards, epoch, old epoch or ''.
-- Answers {'OK', now}, {'TAKEN'} if the epoch is another's, or {'SHARDS', shards} if the cluster has another number of shards.
-- servers holds the name of each living epoch, and fields of its own that start with a dot; leases when the lease of each ends; dead per epoch
-- '<claimer> <name>': the claimer takes its clients over.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local had = redis.call('HMGET', KEYS[1], '.shards', ARGV[4])
if had[1] and had[1] ~= ARGV[3] then
  return {'SHARDS', had[1]}
end

if had[2] or redis.call('HEXISTS', KEYS[3], ARGV[4]) == 1 then
  return {'TAKEN'}
end

local text = string.format('%.0f', now)
local set = {ARGV[4], ARGV[2], '.shards', ARGV[3], '.version', text}
if ARGV[5] ~= '' and redis.call('HDEL', KEYS[1], ARGV[5]) == 1 then
  redis.call('ZREM', KEYS[2], ARGV[5])
  redis.call('HSET', KEYS[3], ARGV[5], ARGV[4] .. ' ' .. ARGV[2])
end

redis.call('HSET', KEYS[1], unpack(set))
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[1]), ARGV[4])
return {'OK', text}
