-- Publishes joins and ends of one server in one shard.
-- KEYS: clients, epochs, replaced, groups, members, edges, held. ARGV: epoch, batch, last batch that was answered, shard, channel of changes, start of the servers' channels, number of clients, mode of edges, tail with the groups that are occupied in the tracker of this server,
-- then the client ids; then for each of them the kind of change, with a '*' for a join that has a tail, and with the epochs under which the store may have the client, a comma between them, and for a join
-- that was answered before a '/' and its token; then for each its stamp, in hex; then the tails: what entries of joins end with.
-- Answers 'LOST' if the epoch is not open here or the store lost a batch; 'STALE' if a later batch was executed, so that this one lay in a socket, or was
-- overtaken; else 'now base result...': for a join its token and stamp, '+' for base and its place in the batch with the stamp that it came with, or '-' if a newer
-- one is or was elsewhere; for an end '1' if it ended something. With edges whose callbacks this server owes, or groups that it holds now, {that, edges, tail with the groups}.
-- clients holds per id '<epoch> <stamp> <token - stamp>', in hex, after that the epoch of the server that was lost while the claimer has it, and the tail.
-- epochs holds per epoch 'e:' with the last batch executed, and 't:' with how many of its sessions it was told were replaced.
-- replaced holds '<epoch> <id>' by the stamp of the newer session, until the server of the older one knows: the newer may have ended by then.
-- The message has per change '<kind><epoch> <token> <length>:<id>', for an edge its number and the group, or '+<length>:<id>' for a join that has the next token after that of the join before it.
local t = redis.call('TIME')
local me = ARGV[1]
local had = redis.call('HMGET', KEYS[2], 'e:' .. me, 'seq', 'n')
if not had[1] or tonumber(had[1]) < tonumber(ARGV[3]) then
  return 'LOST'
end

if tonumber(had[1]) >= tonumber(ARGV[2]) then
  return 'STALE'
end

-- A clock that is never behind the tokens it gave; so tokens also grow over a store that lost its last writes.
local seq, n = tonumber(had[2] or '0'), tonumber(had[3] or '0')
local clock = t[1] * 1000000 + t[2]
local now = math.max(clock, seq)
local base, count = math.max(seq, now - 1), tonumber(ARGV[7])

-- The whole store waits for this loop. So functions are local, lengths are counted rather than looked for with #, and a join of a client that nobody has makes
-- no string but what is stored.
local format, max, min, abs = string.format, math.max, math.min, math.abs
local tails, star = 9 + 3 * count, byte('*')
local held = count > 0 and redis.call('HMGET', KEYS[1], unpack(ARGV, 10, 9 + count)) or {}
local set, sets, del, dels, results, changes, changed, parts, told = {}, 0, {}, 0, {}, {}, 0, 0, {}
local joined, nexts, mark = -1, {}, me .. ' '

-- A join that could not be published at once has its token by when it was, or it would look later than one that came and went meanwhile.
local delayed = clock - 100000

-- How long word of a replacement is kept for a server that does not come to fetch it, in us.
local memory = 3600000000
local function change(kind, epoch, token, id)
  changed, parts = changed + 1, parts + 2
  changes[parts - 1], changes[parts] = format('%s%s %d %d:', kind, epoch, token, #id), id
end

local function join(id, stamp, hex, token, tail)
  set[sets + 1], set[sets + 2] = id, mark .. hex .. (token < stamp and ' -' or ' ') .. format('%x', abs(token - stamp)) .. tail
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

local replacedSome = false
local function isNamed(was, epoch)
  return epoch == was or find(was, ',', 1, true) and find(',' .. was .. ',', ',' .. epoch .. ',', 1, true)
end

-- The stamp of the session that replaced the one that the store had under some epochs, if there was one and their server does not know.
local function replacement(was, id)
  local last
  for epoch in string.gmatch(was, '%w+') do
    local by = redis.call('ZSCORE', KEYS[3], epoch .. ' ' .. id)
    if by then
      last = max(last or 0, tonumber(by))
    end
  end

  return last
end

local function know(was, id)
  for epoch in string.gmatch(was, '%w+') do
    redis.call('ZREM', KEYS[3], epoch .. ' ' .. id)
  end
end

for i = 1, count do
  local id, kind, hex, tail = ARGV[9 + i], ARGV[9 + count + i], ARGV[9 + 2 * count + i], ''
  local stamp, value = tonumber(hex, 16), held[i]
  if byte(kind, 2) == star then
    tails = tails + 1
    kind, tail = 'J' .. sub(kind, 3), ARGV[tails]
  end

  if not value and kind == 'J' and stamp > delayed then
    join(id, stamp, hex, base + i, tail)
    if tail ~= '' then
      regroup(id, '', tail)
    end

    results[i] = '+'
  else
    local epoch, heldStamp, sign, delta, lost, heldTail, holder, token
    if value then
      epoch, heldStamp, sign, delta, lost, heldTail = parse(value)
    end

    if epoch then
      heldStamp = tonumber(heldStamp, 16)
      holder, token = lost ~= '' and lost or epoch, heldStamp + (sign == '-' and -1 or 1) * tonumber(delta, 16)
    end

    local was, known = match(kind, '^.([^/]*)/?(%d*)$')
    local mine = holder and (holder == me or isNamed(was, holder))
    local by = not mine and was ~= '' and replacement(was, id)
    if sub(kind, 1, 1) == 'J' then
      if mine and heldStamp >= stamp then
        if epoch ~= me or heldTail ~= tail then
          set[sets + 1], set[sets + 2] = id, mark .. match(value, '^%w+ (%x+ %-?%x+)') .. tail
          sets = sets + 2
          regroup(id, heldTail, tail)
        end

        results[i] = format('%d/%d', token, heldStamp)
      elseif epoch and min(heldStamp, token) > stamp then
        results[i] = '-' -- a stamp is never too early, but may be too late by what a clock is off; then the token tells when the store had it
      elseif by and by >= stamp then
        results[i] = '-'
      else
        -- The stamps of a client grow, and its tokens. One that had a token and has ended, by a verdict or since the store lost it, goes on with the next: it is
        -- no later than it was. A token that the store may have lost with all it had of the client was hardly over its stamp. Else a token is never ahead of the
        -- store's clock, or the next login on another server would look older.
        local before = token
        if known ~= '' then
          token = max(tonumber(known), before or 0) + 1
        elseif (was == '' or was == me) and stamp <= delayed then -- while this epoch is open nobody was judged under it
          token = max(stamp, (before or 0) + 1)
        else
          token = max(base + i, was ~= '' and not epoch and stamp or 0)
        end

        stamp = max(stamp, (heldStamp or -1) + 1)
        if by then
          know(was, id)
        end

        if epoch then
          change('R', holder, before, id)
          if not mine then
            redis.call('ZADD', KEYS[3], format('%d', stamp), holder .. ' ' .. id)
            replacedSome = true
          end

          if not mine and lost == '' then
            local word = told[epoch] or {}
            told[epoch] = word
            word[#word + 1] = format('%d %d:', heldStamp, #id) .. id
          end
        end

        seq = max(seq, token)
        join(id, stamp, format('%x', stamp), token, tail)
        regroup(id, heldTail or '', tail)
        results[i] = format('%d/%d', token, stamp)
      end
    elseif mine and heldStamp <= stamp then
      dels = dels + 1
      del[dels] = id
      change(sub(kind, 1, 1), holder, token, id)
      regroup(id, heldTail, '')
      results[i] = '1'
    else
      if by then
        know(was, id)
      end

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

forEachGroup(ARGV[9], function(group)
  lingering[group] = true
end)
reindex(KEYS[4], KEYS[5], KEYS[7], me, ARGV[2])
local edgeText, edgesTold, owed = tellEdges(KEYS[2], KEYS[6], me, clock, ARGV[8])
changed = changed + edgesTold
redis.call('HSET', KEYS[2], 'e:' .. me, ARGV[2], 'seq', format('%d', max(seq, base + count)), 'n', format('%d', n + changed))
if replacedSome then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', format('%d', clock - memory))
end

-- What is told is counted, so that a server that hears less than it was told looks for itself; and counted first, for an access list may forbid to tell it.
local words = {}
for epoch, sessions in pairs(told) do
  if redis.call('HEXISTS', KEYS[2], 'e:' .. epoch) == 1 then
    redis.call('HINCRBY', KEYS[2], 't:' .. epoch, #sessions)
    words[epoch] = 'R' .. table.concat(sessions)
  end
end

if changed > 0 then
  redis.call('PUBLISH', ARGV[5], format('%s %d ', ARGV[4], n) .. table.concat(changes) .. edgeText)
end

for epoch, word in pairs(words) do
  redis.call('PUBLISH', ARGV[6] .. epoch, word)
end

results[0] = format('%d %d', now, base)
local answer = table.concat(results, ' ', 0)
return owed == '' and #holds == 0 and answer or {answer, owed, ';0:' .. table.concat(holds)}
