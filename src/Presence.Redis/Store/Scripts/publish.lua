-- Publishes joins and ends of one server in one shard.
-- KEYS: clients, epochs. ARGV: epoch, batch, last batch that was answered, shard, channel of changes, start of the servers' channels,
-- then the client ids; then for each of them the kind of change, with the epoch under which the store may have the client, if there is one; then for each
-- its stamp, in hex.
-- Answers 'LOST' if the epoch is not open here or the store lost a batch, else 'now base result...': for a join its token and stamp, '+' for base and its place
-- in the batch with the stamp that it came with, or '-' if a newer one is elsewhere; for an end '1' if it ended something.
-- clients holds per id '<epoch> <stamp> <token - stamp>', in hex, and after that the epoch of the server that was lost while the claimer has it.
-- The message has per change '<kind><epoch> <token> <length>:<id>', or '+<length>:<id>' for a join that has the next token after that of the join before it.
local t = redis.call('TIME')
local me = ARGV[1]
local had = redis.call('HMGET', KEYS[2], 'e:' .. me, 'seq', 'n')
if not had[1] or tonumber(had[1]) < tonumber(ARGV[3]) then
  return 'LOST'
end

-- A clock that is never behind the tokens it gave; so tokens also grow over a store that lost its last writes.
local seq, n = tonumber(had[2] or '0'), tonumber(had[3] or '0')
local now = math.max(t[1] * 1000000 + t[2], seq)
local base, count = math.max(seq, now - 1), (#ARGV - 6) / 3

-- The whole store waits for this loop. So functions are local, lengths are counted rather than looked for with #, and a join of a client that nobody has makes
-- no string but what is stored.
local format, match, sub, max, min, abs = string.format, string.match, string.sub, math.max, math.min, math.abs
local held = count > 0 and redis.call('HMGET', KEYS[1], unpack(ARGV, 7, 6 + count)) or {}
local set, sets, del, dels, results, changes, changed, parts, told = {}, 0, {}, 0, {}, {}, 0, 0, {}
local joined, nexts, mark = -1, {}, me .. ' '
local function change(kind, epoch, token, id)
  changed, parts = changed + 1, parts + 2
  changes[parts - 1], changes[parts] = format('%s%s %d %d:', kind, epoch, token, #id), id
end

local function join(id, stamp, hex, token)
  set[sets + 1], set[sets + 2] = id, mark .. hex .. (token < stamp and ' -' or ' ') .. format('%x', abs(token - stamp))
  sets = sets + 2
  if joined == token - 1 then
    local length = #id
    local start = nexts[length] or '+' .. length .. ':'
    nexts[length] = start
    changed, parts = changed + 1, parts + 2
    changes[parts - 1], changes[parts] = start, id
  else
    change('J', me, token, id)
  end

  joined = token
end

for i = 1, count do
  local id, kind, hex = ARGV[6 + i], ARGV[6 + count + i], ARGV[6 + 2 * count + i]
  local stamp, value = tonumber(hex, 16), held[i]
  if not value and kind == 'J' then
    join(id, stamp, hex, base + i)
    results[i] = '+'
  else
    local epoch, heldStamp, sign, delta, lost, holder, token
    if value then
      epoch, heldStamp, sign, delta, lost = match(value, '^(%w+) (%x+) (%-?)(%x+) ?(%w*)$')
      heldStamp = tonumber(heldStamp, 16)
      holder, token = lost ~= '' and lost or epoch, heldStamp + (sign == '-' and -1 or 1) * tonumber(delta, 16)
    end

    local was = sub(kind, 2)
    local mine = holder and (holder == me or holder == was)
    if sub(kind, 1, 1) == 'J' then
      if mine and heldStamp >= stamp then
        if epoch ~= me then
          set[sets + 1], set[sets + 2] = id, mark .. match(value, '^%w+ (%x+ %-?%x+)')
          sets = sets + 2
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
        token = max(base + i, was ~= '' and not epoch and stamp or 0)
        stamp = max(stamp, (heldStamp or -1) + 1)
        seq = max(seq, token)
        join(id, stamp, format('%x', stamp), token)
        results[i] = format('%d/%d', token, stamp)
      end
    elseif mine and heldStamp <= stamp then
      dels = dels + 1
      del[dels] = id
      change(sub(kind, 1, 1), holder, token, id)
      results[i] = '1'
    else
      results[i] = '0'
    end
  end
end

if sets > 0 then
  redis.call('HSET', KEYS[1], unpack(set))
end

if dels > 0 then
  redis.call('HDEL', KEYS[1], unpack(del))
end

redis.call('HSET', KEYS[2], 'e:' .. me, max(tonumber(had[1]), tonumber(ARGV[2])), 'seq', format('%d', max(seq, base + count)), 'n', format('%d', n + changed))
if changed > 0 then
  redis.call('PUBLISH', ARGV[5], format('%s %d ', ARGV[4], n) .. table.concat(changes))
end

for epoch, sessions in pairs(told) do
  redis.call('PUBLISH', ARGV[6] .. epoch, sessions)
end

results[0] = format('%d %d', now, base)
return table.concat(results, ' ', 0)
