-- Takes over a chunk of the callbacks that a dead claimer owed in one shard.
-- KEYS: verdicts, epochs. ARGV: claimer, dead epoch, cursor, count. Answers {'LOST'}, or {cursor, number that it took over now,
-- '<token> <id>', ...}.
local me, dead = ARGV[1], ARGV[2]
if not redis.call('HGET', KEYS[2], 'e:' .. me) then
  return {'LOST'}
end

local page = redis.call('HSCAN', KEYS[1], ARGV[3], 'COUNT', ARGV[4])
local answer, set = {page[1], 0}, {}
for i = 1, #page[2], 2 do
  if page[2][i + 1] == dead then
    set[#set + 1] = page[2][i]
    set[#set + 1] = me
    answer[2] = answer[2] + 1
    answer[#answer + 1] = page[2][i]
  elseif page[2][i + 1] == me then
    answer[#answer + 1] = page[2][i]
  end
end

for i = 1, #set, 1000 do -- a page of a small hash is all of it
  redis.call('HSET', KEYS[1], unpack(set, i, math.min(i + 999, #set)))
end

return answer
