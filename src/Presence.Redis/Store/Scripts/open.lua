-- Lets an epoch write in one shard.
-- KEYS: epochs. ARGV: epoch.
return redis.call('HSET', KEYS[1], 'e:' .. ARGV[1], 0)
