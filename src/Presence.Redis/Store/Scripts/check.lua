-- Asks a shard for its time, and what it has of an epoch.
-- KEYS: epochs. ARGV: epoch, the last batch of it that was answered.
-- Answers {now, '1' if the epoch may write here and nothing that was answered is lost, how many of its sessions it was told were replaced, number of changes}.
local t = redis.call('TIME')
local had = redis.call('HMGET', KEYS[1], 'e:' .. ARGV[1], 't:' .. ARGV[1], 'n')
local isKnown = had[1] and tonumber(had[1]) >= tonumber(ARGV[2])
return {string.format('%.0f', t[1] * 1000000 + t[2]), isKnown and '1' or '0', had[2] or '0', had[3] or '0'}
