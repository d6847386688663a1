-- Ends the sessions of a lost server that nobody has taken over in their grace. The same call again gives the same.
-- KEYS: clients, epochs, verdicts, groups, members, edges, held. ARGV: claimer, until when this call may run, in us, shard, channel of changes, mode of edges, then for each client: id, stamp, token.
-- Answers 'LOST' if the claimer is not open here, 'LATE' if the call lay in a socket while the store was away, for then nobody is judged, else a digit each: '1' if the callback of this session is the claimer's to run; with edges whose callbacks it owes, {that, edges}.
-- verdicts holds per '<token> <id>' the server that owes the callback, so that it runs also if that server dies before it has.
local me = ARGV[1]
if not redis.call('HGET', KEYS[2], 'e:' .. me) then
  return 'LOST'
end

local t = redis.call('TIME')
if t[1] * 1000000 + t[2] > tonumber(ARGV[2]) then
  return 'LATE'
end

local ids, verdicts = {}, {}
for i = 6, #ARGV, 3 do
  ids[#ids + 1] = ARGV[i]
  verdicts[#verdicts + 1] = ARGV[i + 2] .. ' ' .. ARGV[i]
end

local held = redis.call('HMGET', KEYS[1], unpack(ids))
local owed = redis.call('HMGET', KEYS[3], unpack(verdicts))
local del, set, changes, answer = {}, {}, {}, {}
for i = 1, #ids do
  local epoch, stamp, _, lost, tail
  if held[i] then
    epoch, stamp, _, _, lost, tail = parse(held[i])
  end

  if epoch == me and tonumber(stamp, 16) == tonumber(ARGV[3 * i + 4]) and lost ~= '' then
    del[#del + 1] = ids[i]
    regroup(ids[i], tail, '')
    set[#set + 1] = verdicts[i]
    set[#set + 1] = me
    changes[#changes + 1] = string.format('V%s %s %d:', lost, ARGV[3 * i + 5], #ids[i]) .. ids[i]
    answer[i] = '1'
  else
    answer[i] = owed[i] == me and '1' or '0'
  end
end

if #del > 0 then
  redis.call('HDEL', KEYS[1], unpack(del))
  redis.call('HSET', KEYS[3], unpack(set))
  reindex(KEYS[4], KEYS[5], KEYS[7])
  local edgeText, edgesTold, owes = tellEdges(KEYS[2], KEYS[6], me, t[1] * 1000000 + t[2], ARGV[5])
  local told = #changes + edgesTold
  local n = redis.call('HINCRBY', KEYS[2], 'n', told) - told
  redis.call('PUBLISH', ARGV[4], string.format('%s %.0f ', ARGV[3], n) .. table.concat(changes) .. edgeText)
  if owes ~= '' then
    return {table.concat(answer), owes}
  end
end

return table.concat(answer)
