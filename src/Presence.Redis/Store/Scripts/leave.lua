-- A server leaves the cluster. What it has still claimed is left for the next to find.
-- KEYS: servers. ARGV: epoch, '1' if it has claims.
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record or string.sub(record, 1, 1) ~= 'L' then
  return 0
end

if ARGV[2] == '1' then
  redis.call('HSET', KEYS[1], ARGV[1], 'L 0 ' .. string.match(record, '^%S+ %S+ (.*)$'))
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end

return 1
