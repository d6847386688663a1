-- Publishes joins and ends of one server in one shard.
-- KEYS: clients, epochs. ARGV: epoch, batch, last batch that was answered, shard, channel of changes, start of the servers' channels,
-- then for each client: kind of change, client id, stamp, epoch under which the store may have it ('' for none).
-- Answers 'LOST' if the epoch is not open here or the store lost a batch, else 'now result...': for a join its token and stamp, or '-' if a newer
-- one is elsewhere; for an end '1' if it ended something.
-- clients holds per id '<epoch> <stamp> <token - stamp>', in hex, and after that the epoch of the server that was lost while the claimer has it.
local t = redis.call('TIME')
local me = ARGV[1]
local had = redis.call('HMGET', KEYS[2], 'e:' .. me, 'seq', 'n')
if not had[1] or tonumber(had[1]) < tonumber(ARGV[3]) then
  return 'LOST'
end

-- A clock that is never behind the tokens it gave; so tokens also grow over a store that lost its last writes.
local seq, n = tonumber(had[2] or '0'), tonumber(had[3] or '0')
local now = math.max(t[1] * 1000000 + t[2], seq)
local ids, count = {}, (#ARGV - 6) / 4
for i = 1, count do
  ids[i] = ARGV[4 + 4 * i]
end

-- The whole store waits for this loop, so lengths are counted rather than looked for with #, and functions are local.
local format, match, max, min, abs = string.format, string.match, math.max, math.min, math.abs
local held = count > 0 and redis.call('HMGET', KEYS[1], unpack(ids)) or {}
local set, sets, del, dels, results, changes, changed, told = {}, 0, {}, 0, {}, {}, 0, {}
local function change(kind, epoch, token, id)
  changed = changed + 1
  changes[changed] = format('%s%s %d %d:', kind, epoch, token, #id) .. id
end

local function put(id, epoch, stamp, token)
  set[sets + 1], set[sets + 2] = id, format('%s %x %s%x', epoch, stamp, token < stamp and '-' or '', abs(token - stamp))
  sets = sets + 2
end

for i = 1, count do
  local at = 3 + 4 * i
  local kind, id, stamp, was = ARGV[at], ids[i], ARGV[at + 2], ARGV[at + 3]
  local epoch, heldStamp, sign, delta, lost, holder, token
  if held[i] then
    epoch, heldStamp, sign, delta, lost = match(held[i], '^(%w+) (%x+) (%-?)(%x+) ?(%w*)$')
    heldStamp = tonumber(heldStamp, 16)
    holder, token = lost ~= '' and lost or epoch, heldStamp + (sign == '-' and -1 or 1) * tonumber(delta, 16)
  end

  local mine = holder and (holder == me or holder == was)
  if kind == 'J' then
    stamp, heldStamp = tonumber(stamp), heldStamp or -1
    if mine and heldStamp >= stamp then
      if epoch ~= me then
        put(id, me, heldStamp, token)
      end

      results[i] = format('%d/%d', token, heldStamp)
    elseif epoch and min(heldStamp, token) > stamp then
      results[i] = '-' -- a stamp is never too early, but may be too late by what a clock is off; then the token tells when the store had it
    else
      if epoch then
        change('R', holder, token, id)
        if epoch ~= me and lost == '' then
          told[epoch] = (told[epoch] or '') .. format('%d %d:', heldStamp, #id) .. id
        end
      end

      -- The stamps of a client grow. A token that the store may have lost with all it had of the client was hardly over its stamp. Else a token is never
      -- ahead of the store's clock, or the next login on another server would look older.
      seq = max(seq + 1, now, was ~= '' and not epoch and stamp or 0)
      stamp = max(stamp, heldStamp + 1)
      put(id, me, stamp, seq)
      change('J', me, seq, id)
      results[i] = format('%d/%d', seq, stamp)
    end
  elseif mine and heldStamp <= tonumber(stamp) then
    dels = dels + 1
    del[dels] = id
    change(kind, holder, token, id)
    results[i] = '1'
  else
    results[i] = '0'
  end
end

if sets > 0 then
  redis.call('HSET', KEYS[1], unpack(set))
end

if dels > 0 then
  redis.call('HDEL', KEYS[1], unpack(del))
end

redis.call('HSET', KEYS[2], 'e:' .. me, math.max(tonumber(had[1]), tonumber(ARGV[2])), 'seq', string.format('%d', seq), 'n', string.format('%d', n + changed))
if changed > 0 then
  redis.call('PUBLISH', ARGV[5], string.format('%s %d ', ARGV[4], n) .. table.concat(changes))
end

for epoch, sessions in pairs(told) do
  redis.call('PUBLISH', ARGV[6] .. epoch, sessions)
end

results[0] = string.format('%d', now)
return table.concat(results, ' ', 0)
