-- Has groups be vacated that a server held, as they lingered in its tracker, and that nobody has come back to.
-- KEYS: epochs, groups, edges, held. ARGV: epoch, epoch that held them, shard, channel of changes, mode of edges, tail with the groups, then for each the last batch by which it may have come to.
-- A call that comes late does nothing to a group that is held by a later batch. Answers 'LOST' if the epoch is not open here, else the edges whose callbacks it owes.
local me = ARGV[1]
if not redis.call('HGET', KEYS[1], 'e:' .. me) then
  return 'LOST'
end

local released, place = {}, 6
forEachGroup(ARGV[6], function(group)
  place = place + 1
  local epoch, batch = match(redis.call('HGET', KEYS[4], group) or '', '^(%w+) (%d+)$')
  if epoch == ARGV[2] and tonumber(batch) <= tonumber(ARGV[place]) then
    released[#released + 1] = group
    edges[edgeCount + 1], edges[edgeCount + 2] = 'Z', group
    edgeCount = edgeCount + 2
  end
end)
if #released == 0 then
  return ''
end

applyAll('HDEL', KEYS[4], released)
applyAll('HDEL', KEYS[2], released)
local t = redis.call('TIME')
local edgeText, told, owed = tellEdges(KEYS[1], KEYS[3], me, t[1] * 1000000 + t[2], ARGV[5])
local n = redis.call('HINCRBY', KEYS[1], 'n', told) - told
redis.call('PUBLISH', ARGV[4], string.format('%s %d ', ARGV[3], n) .. edgeText)
return owed
