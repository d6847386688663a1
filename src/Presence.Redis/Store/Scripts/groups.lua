-- Stands before scripts that change what sessions there are: keeps the index of groups in step with them.
-- What a session is in stands at the end of its entry: a ';', then its state and its groups, each as '<length>:<text>'. Whoever may change an entry changes that with it, so what
-- guards sessions guards groups. The index says no more than the entries of the same shard, and is written in the same call:
-- members holds '<length>:<group><client id>', all with the score 0, so those of a group are a range; groups holds how many there are for each '<length>:<group>'.
local entered, enters, left, leaves, grown = {}, 0, {}, 0, {}

-- Reads '<epoch> <stamp> <token - stamp>[ <lost epoch>][;<tail>]'; nothing if it is none of ours.
local function parse(value)
  local epoch, stamp, sign, delta, lost, tail = string.match(value, '^(%w+) (%x+) (%-?)(%x+) ?(%w*)(.*)$')
  if epoch and (tail == '' or string.byte(tail) == 59) then
    return epoch, stamp, sign, delta, lost, tail
  end
end

local function forEachGroup(tail, act)
  local at, isGroup = 2, false
  local length = string.match(tail, '^(%d+):', at)
  while length do
    local last = at + #length + tonumber(length)
    if isGroup then
      act(string.sub(tail, at, last))
    end

    at, isGroup = last + 1, true
    length = string.match(tail, '^(%d+):', at)
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

-- Writes what was noted.
local function reindex(groups, members)
  applyAll('ZREM', members, left)
  applyAll('ZADD', members, entered)
  local changed, set, del = {}, {}, {}
  for group, by in pairs(grown) do
    if by ~= 0 then
      changed[#changed + 1] = group
    end
  end

  for from = 1, #changed, 1000 do
    local page = {unpack(changed, from, math.min(from + 999, #changed))}
    local counts = redis.call('HMGET', groups, unpack(page))
    for i = 1, #page do
      local count = (tonumber(counts[i] or '0')) + grown[page[i]]
      if count > 0 then
        set[#set + 1], set[#set + 2] = page[i], string.format('%d', count)
      else
        del[#del + 1] = page[i]
      end
    end
  end

  applyAll('HSET', groups, set)
  applyAll('HDEL', groups, del)
end

