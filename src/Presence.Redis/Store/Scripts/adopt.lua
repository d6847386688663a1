-- Takes up epochs that may write in some shard and that the store has forgotten, as when one of several masters came back empty: their servers
-- are dead, or have another epoch by now.
-- KEYS: servers, leases, dead. ARGV: claimer, epochs...
-- Answers how many there were.
local adopted = 0
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return adopted
end

for i = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 and not redis.call('ZSCORE', KEYS[2], ARGV[i]) and redis.call('HEXISTS', KEYS[3], ARGV[i]) == 0 then
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[1] .. ' ' .. ARGV[i])
    adopted = adopted + 1
  end
end

return adopted
