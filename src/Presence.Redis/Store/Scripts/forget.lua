-- Removes a dead server of which nothing is left.
-- KEYS: dead. ARGV: claimer, dead epoch.
local record = redis.call('HGET', KEYS[1], ARGV[2])
if record and string.match(record, '^(%w+) ') == ARGV[1] then
  return redis.call('HDEL', KEYS[1], ARGV[2])
end

return 0
