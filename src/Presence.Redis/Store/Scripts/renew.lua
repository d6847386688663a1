-- Renews a server's lease, and finds those whose lease has lapsed: by the store's clock, and one server gets each.
-- KEYS: servers. ARGV: lease in us, epoch.
-- Answers {'LOST'} if the epoch is dead or unknown, else {'OK', now, us until the next lease can lapse or '', {duty...}, {epoch, record...}}.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local lease, me = tonumber(ARGV[1]), ARGV[2]
local all, records = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  records[all[i]] = all[i + 1]
end

local mine = records[me]
if not mine or string.sub(mine, 1, 1) ~= 'L' then
  return {'LOST'}
end

-- If nobody renewed for half a lease, the store was away (each renews three times a lease), so that lapsed leases say nothing of their servers.
local seen, amnesty = tonumber(records['.seen'] or '0'), tonumber(records['.amnesty'] or '0')
if now - seen > lease / 2 then
  amnesty = now + lease
end

local set = {'.seen', string.format('%.0f', now), '.amnesty', string.format('%.0f', amnesty)}
local function put(epoch, record)
  records[epoch] = record
  set[#set + 1] = epoch
  set[#set + 1] = record
end

put(me, string.format('L %.0f %s', now + lease, string.match(mine, '^%S+ %S+ (.*)$')))
local soonest
for epoch, record in pairs(records) do
  local lapses, name = string.match(record, '^L (%d+) (.*)$')
  if lapses and epoch ~= me then
    local due = math.max(tonumber(lapses), amnesty)
    if due < now then
      put(epoch, 'D ' .. me .. ' ' .. name)
    elseif not soonest or due < soonest then
      soonest = due
    end
  end
end

-- What a dead server had claimed falls to whoever finds it. A claimer that is unknown has shut down.
local duties, directory = {}, {}
for epoch, record in pairs(records) do
  local claimer, name = string.match(record, '^D (%w+) (.*)$')
  if claimer then
    local other = records[claimer]
    if claimer ~= me and (not other or string.sub(other, 1, 1) == 'D') then
      claimer = me
      put(epoch, 'D ' .. me .. ' ' .. name)
    end

    if claimer == me then
      duties[#duties + 1] = epoch
    end
  end

  if string.sub(epoch, 1, 1) ~= '.' then
    directory[#directory + 1] = epoch
    directory[#directory + 1] = records[epoch]
  end
end

redis.call('HSET', KEYS[1], unpack(set))
return {'OK', string.format('%.0f', now), soonest and string.format('%.0f', soonest - now) or '', duties, directory}
