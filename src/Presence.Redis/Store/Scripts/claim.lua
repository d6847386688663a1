-- Claims a chunk of what a dead server holds in one shard, and lets it write there no more. The same call again gives the same.
-- KEYS: clients, epochs, groups, members, edges, held. ARGV: claimer, dead epoch, cursor, count, shard, channel of changes, '1' if the dead one is an earlier epoch of the
-- claimer, which has published anew what it still has: the rest has left; mode of edges.
-- Answers {'LOST'} if the claimer is not open here, else {cursor, number that it claimed or removed now, edges whose callbacks it owes, id, stamp, token, epoch that was lost, ...}.
local me, dead = ARGV[1], ARGV[2]
if not redis.call('HGET', KEYS[2], 'e:' .. me) then
  return {'LOST'}
end

if ARGV[3] == '0' then
  redis.call('HDEL', KEYS[2], 'e:' .. dead, 't:' .. dead)
end

local page = redis.call('HSCAN', KEYS[1], ARGV[3], 'COUNT', ARGV[4]) -- of a small hash it is all of it, however large the store lets a small one be
local answer, answers, set, sets, del, changes = {page[1], 0, ''}, 3, {}, 0, {}, {} -- with their lengths, for # looks for them
for i = 1, #page[2], 2 do
  local id = page[2][i]
  local epoch, stamp, sign, delta, lost, tail = parse(page[2][i + 1])
  if epoch == dead or epoch == me and lost ~= '' then
    local joined = tonumber(stamp, 16)
    local token = string.format('%d', joined + (sign == '-' and -1 or 1) * tonumber(delta, 16))
    if epoch == dead and lost == '' and ARGV[7] == '1' then
      del[#del + 1] = id
      regroup(id, tail, '')
      changes[#changes + 1] = string.format('L%s %s %d:', dead, token, #id) .. id
    else
      lost = lost ~= '' and lost or dead
      if epoch ~= me then
        set[sets + 1], set[sets + 2] = id, me .. ' ' .. stamp .. ' ' .. sign .. delta .. ' ' .. lost .. tail
        sets = sets + 2
      end

      answer[answers + 1], answer[answers + 2], answer[answers + 3], answer[answers + 4] = id, string.format('%d', joined), token, lost
      answers = answers + 4
    end
  end
end

applyAll('HSET', KEYS[1], set)
if #del > 0 then
  applyAll('HDEL', KEYS[1], del)
  reindex(KEYS[3], KEYS[4], KEYS[6])
  local t = redis.call('TIME')
  local edgeText, edgesTold, owed = tellEdges(KEYS[2], KEYS[5], me, t[1] * 1000000 + t[2], ARGV[8])
  local told = #changes + edgesTold
  local n = redis.call('HINCRBY', KEYS[2], 'n', told) - told
  answer[3] = owed
  redis.call('PUBLISH', ARGV[6], string.format('%s %d ', ARGV[5], n) .. table.concat(changes) .. edgeText)
end

answer[2] = sets / 2 + #del
return answer
