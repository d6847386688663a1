-- Renews a server's lease, and finds those whose lease has lapsed: by the store's clock, and one server gets each. What it costs does not grow with the servers.
-- KEYS: servers, leases, dead. ARGV: lease in us, epoch.
-- Answers {'LOST'} if the epoch is dead or unknown, else {'OK', now, us until the next lease can lapse or '', us of the amnesty that are left, version of
-- the servers, '1' if it is this server's turn to look for epochs that the store has forgotten, {duty...}.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local lease, me = tonumber(ARGV[1]), ARGV[2]
local had = redis.call('HMGET', KEYS[1], '.seen', '.amnesty', '.checked', '.version', me)
if not had[5] then
  return {'LOST'}
end

-- If nobody renewed for half a lease, the store was away (each renews three times a lease) or came back empty, so that lapsed leases, and servers that are missing,
-- say nothing of them.
local seen, amnesty, checked, version = tonumber(had[1] or '0'), tonumber(had[2] or '0'), tonumber(had[3] or '0'), had[4] or ''
if now - seen > lease / 2 then
  amnesty = now + lease
end

local text = string.format('%.0f', now)
local set = {'.seen', text, '.amnesty', string.format('%.0f', amnesty)}
redis.call('ZADD', KEYS[2], string.format('%.0f', now + lease), me)
local isPast, soonest = amnesty <= now, ''
local function first()
  local two = redis.call('ZRANGE', KEYS[2], '0', '1', 'WITHSCORES')
  local at = two[1] == me and 3 or 1
  return two[at], tonumber(two[at + 1])
end

local next, lapses = first()
if next and isPast and lapses < now then
  for _, epoch in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. text, 'LIMIT', '0', '100')) do
    redis.call('HSET', KEYS[3], epoch, me .. ' ' .. (redis.call('HGET', KEYS[1], epoch) or epoch))
    redis.call('HDEL', KEYS[1], epoch)
    redis.call('ZREM', KEYS[2], epoch)
    version = text
  end

  next, lapses = first()
end

if next then
  soonest = string.format('%.0f', math.max(lapses, amnesty) - now)
end

-- What a dead server had claimed falls to whoever finds it. A claimer that is unknown has shut down.
local duties, dead = {}, redis.call('HGETALL', KEYS[3])
for i = 1, #dead, 2 do
  local claimer, name = string.match(dead[i + 1], '^(%w+) (.*)$')
  if claimer and claimer ~= me and not redis.call('ZSCORE', KEYS[2], claimer) then
    claimer = me
    redis.call('HSET', KEYS[3], dead[i], me .. ' ' .. name)
  end

  if claimer == me then
    duties[#duties + 1] = dead[i]
  end
end

local isTurn = isPast and now - checked > 2 * lease
if isTurn then
  set[#set + 1] = '.checked'
  set[#set + 1] = text
end

set[#set + 1] = '.version'
set[#set + 1] = version
redis.call('HSET', KEYS[1], unpack(set))

return {'OK', text, soonest, string.format('%.0f', math.max(0, amnesty - now)), version, isTurn and '1' or '0', duties}
