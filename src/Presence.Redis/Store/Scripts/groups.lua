-- Stands before scripts that change what sessions there are: keeps the index of groups in step with them.
-- What a session is in stands at the end of its entry: a ';', then its state and its groups, each as '<length>:<text>'. Whoever may change an entry changes that with it, so what
-- guards sessions guards groups. The index says no more than the entries of the same shard, and is written in the same call:
-- members holds '<length>:<group><client id>', all with the score 0, so those of a group are a range; groups holds how many there are for each '<length>:<group>'.
-- A group is occupied while it stands in groups. That it came or went is an edge: 'O' or 'Z', with a number that grows for each group, and the server that owes its callback.
local entered, enters, left, leaves, grown, isGrown, edges, edgeCount = {}, 0, {}, 0, {}, false, {}, 0

-- Groups that are occupied in the tracker of the server that calls, as those that linger there: if their last member leaves, they stay occupied, with '0' members, until it releases them.
local lingering, held, holds = {}, {}, {}
local find, sub, match, byte, tonumber = string.find, string.sub, string.match, string.byte, tonumber

-- Reads '<epoch> <stamp> <token - stamp>[ <lost epoch>][;<tail>]'; nothing if it is none of ours.
local function parse(value)
  local epoch, stamp, sign, delta, lost, tail = match(value, '^(%w+) (%x+) (%-?)(%x+) ?(%w*)(.*)$')
  if epoch and (tail == '' or byte(tail) == 59) then
    return epoch, stamp, sign, delta, lost, tail
  end
end

local function forEachGroup(tail, act, id)
  local at, isGroup, size = 2, false, #tail
  while at < size do
    local colon = find(tail, ':', at, true)
    local length = colon and tonumber(sub(tail, at, colon - 1))
    if not length then
      return
    end

    local last = colon + length
    if isGroup then
      act(sub(tail, at, last), id)
    end

    at, isGroup = last + 1, true
  end
end

local function enterGroup(group, id)
  entered[enters + 1], entered[enters + 2] = '0', group .. id
  enters, grown[group] = enters + 2, (grown[group] or 0) + 1
end

local function leaveGroup(group, id)
  leaves, grown[group] = leaves + 1, (grown[group] or 0) - 1
  left[leaves] = group .. id
end

-- Notes that a client's entry ends otherwise than before.
local function regroup(id, before, after)
  if before == after then
    return
  end

  isGrown = true
  if before == '' then
    return forEachGroup(after, enterGroup, id)
  elseif after == '' then
    return forEachGroup(before, leaveGroup, id)
  end

  local had = {}
  forEachGroup(before, function(group)
    had[group] = true
  end)
  forEachGroup(after, function(group)
    if had[group] then
      had[group] = nil
    else
      enterGroup(group, id)
    end
  end)
  for group in pairs(had) do
    leaveGroup(group, id)
  end
end

-- A call takes some thousand arguments.
local function applyAll(command, key, values)
  for i = 1, #values, 1000 do
    redis.call(command, key, unpack(values, i, math.min(i + 999, #values)))
  end
end

-- Writes what was noted. heldKey has, for each group that a server holds, its epoch and the batch by which it came to.
local function reindex(groups, members, heldKey, me, batch)
  if not isGrown then
    return
  end

  applyAll('ZREM', members, left)
  applyAll('ZADD', members, entered)
  local changed, changes, set, sets, del, unheld = {}, 0, {}, 0, {}, {}
  for group, by in pairs(grown) do
    if by ~= 0 then
      changes = changes + 1
      changed[changes] = group
    end
  end

  for from = 1, changes, 1000 do
    local counts = redis.call('HMGET', groups, unpack(changed, from, math.min(from + 999, changes)))
    for i = 1, #counts do
      local group, had = changed[from + i - 1], counts[i]
      local count = (had and tonumber(had) or 0) + grown[group]
      if count > 0 then
        set[sets + 1], set[sets + 2] = group, string.format('%d', count)
        sets = sets + 2
        if not had then
          edges[edgeCount + 1], edges[edgeCount + 2] = 'O', group
          edgeCount = edgeCount + 2
        elseif had == '0' then
          unheld[#unheld + 1] = group
        end
      elseif lingering[group] then
        set[sets + 1], set[sets + 2] = group, '0'
        sets = sets + 2
        held[#held + 1], holds[#holds + 1] = group, group
        held[#held + 1] = me .. ' ' .. batch
      else
        del[#del + 1] = group
        edges[edgeCount + 1], edges[edgeCount + 2] = 'Z', group
        edgeCount = edgeCount + 2
      end
    end
  end

  applyAll('HSET', groups, set)
  applyAll('HDEL', groups, del)
  applyAll('HSET', heldKey, held)
  applyAll('HDEL', heldKey, unheld)
end

-- Numbers the edges that came of it, and notes who owes their callbacks. The numbers are a clock's that is never behind those it gave.
-- mode is '' if nobody is told, as where groups are spread over shards; 'c' if callbacks are owed.
-- Gives what to publish of them, how many they are, and what to answer: '<letter><number> <length>:<group>' for each that is owed.
local function tellEdges(epochs, owed, me, clock, mode)
  if edgeCount == 0 or mode == '' then
    return '', 0, ''
  end

  local number = math.max(tonumber(redis.call('HGET', epochs, 'g') or '0'), clock)
  local told, names, set, count = {}, {}, {}, math.floor(edgeCount / 2)
  for i = 1, count do
    local text = string.format('%d ', number + i) .. edges[2 * i]
    told[i], names[i] = edges[2 * i - 1] .. me .. ' ' .. text, edges[2 * i - 1] .. text
    set[2 * i - 1], set[2 * i] = names[i], me
  end

  redis.call('HSET', epochs, 'g', string.format('%d', number + count))
  if mode == 'c' then
    applyAll('HSET', owed, set)
  end

  return table.concat(told), count, mode == 'c' and table.concat(names) or ''
end

