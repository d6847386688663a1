-- Lets an epoch write in one shard.
-- KEYS: epochs. ARGV: epoch, until when this call may run, in us: one that lay in a socket must not open an epoch that was claimed meanwhile.
-- Answers 'OK' or 'LATE'.
local t = redis.call('TIME')
if t[1] * 1000000 + t[2] > tonumber(ARGV[2]) then
  return 'LATE'
end

redis.call('HSETNX', KEYS[1], 'e:' .. ARGV[1], '0')
return 'OK'
