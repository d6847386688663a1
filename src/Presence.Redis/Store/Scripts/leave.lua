-- A server leaves the cluster. What it leaves behind, if it does, is found by the next that renews. The last one leaves nothing, so that a cluster can start otherwise.
-- KEYS: servers, leases, dead. ARGV: epoch, '1' if it leaves something behind.
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 0
end

if ARGV[2] == '1' then
  redis.call('ZADD', KEYS[2], '0', ARGV[1])
  return 1
end

local t = redis.call('TIME')
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('ZCARD', KEYS[2]) == 0 and redis.call('HLEN', KEYS[3]) == 0 then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], '.version', string.format('%.0f', t[1] * 1000000 + t[2]))
end

return 1
