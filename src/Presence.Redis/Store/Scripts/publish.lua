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
local ids = {}
for i = 7, #ARGV, 4 do
  ids[#ids + 1] = ARGV[i + 1]
end

local held = #ids > 0 and redis.call('HMGET', KEYS[1], unpack(ids)) or {}
local set, del, results, changes, told = {}, {}, {}, {}, {}
local function change(kind, epoch, token, id)
  changes[#changes + 1] = string.format('%s%s %.0f %d:', kind, epoch, token, #id) .. id
end

for i = 1, #ids do
  local at = 3 + 4 * i
  local kind, id, stamp, was = ARGV[at], ids[i], ARGV[at + 2], ARGV[at + 3]
  local epoch, heldStamp, sign, delta, lost, holder, token
  if held[i] then
    epoch, heldStamp, sign, delta, lost = string.match(held[i], '^(%w+) (%x+) (%-?)(%x+) ?(%w*)$')
    heldStamp = tonumber(heldStamp, 16)
    holder, token = lost ~= '' and lost or epoch, heldStamp + (sign == '-' and -1 or 1) * tonumber(delta, 16)
  end

  local mine = holder and (holder == me or holder == was)
  if kind == 'J' then
    stamp, heldStamp = tonumber(stamp), heldStamp or -1
    if mine and heldStamp >= stamp then
      if epoch ~= me then
        set[#set + 1] = id
        set[#set + 1] = string.format('%s %x %s%s', me, heldStamp, sign, delta)
      end

      results[i] = string.format('%.0f/%.0f', token, heldStamp)
    elseif epoch and math.min(heldStamp, token) > stamp then
      results[i] = '-' -- a stamp is never too early, but may be too late by what a clock is off; then the token tells when the store had it
    else
      if epoch then
        change('R', holder, token, id)
        if epoch ~= me and lost == '' then
          told[epoch] = (told[epoch] or '') .. string.format('%.0f %d:', heldStamp, #id) .. id
        end
      end

      -- The stamps of a client grow. A token that the store may have lost with the rest was hardly over its stamp.
      seq = math.max(seq + 1, now, was ~= '' and not mine and stamp or 0)
      stamp = math.max(stamp, heldStamp + 1)
      set[#set + 1] = id
      set[#set + 1] = string.format('%s %x %s%x', me, stamp, seq < stamp and '-' or '', math.abs(seq - stamp))
      change('J', me, seq, id)
      results[i] = string.format('%.0f/%.0f', seq, stamp)
    end
  elseif mine and heldStamp <= tonumber(stamp) then
    del[#del + 1] = id
    change(kind, holder, token, id)
    results[i] = '1'
  else
    results[i] = '0'
  end
end

if #set > 0 then
  redis.call('HSET', KEYS[1], unpack(set))
end

if #del > 0 then
  redis.call('HDEL', KEYS[1], unpack(del))
end

redis.call('HSET', KEYS[2], 'e:' .. me, math.max(tonumber(had[1]), tonumber(ARGV[2])), 'seq', string.format('%.0f', seq), 'n', string.format('%.0f', n + #changes))
if #changes > 0 then
  redis.call('PUBLISH', ARGV[5], string.format('%s %.0f ', ARGV[4], n) .. table.concat(changes))
end

for epoch, sessions in pairs(told) do
  redis.call('PUBLISH', ARGV[6] .. epoch, sessions)
end

results[0] = string.format('%.0f', now)
return table.concat(results, ' ', 0)
