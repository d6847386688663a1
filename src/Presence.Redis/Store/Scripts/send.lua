-- Sends a message to the server that holds a client.
-- KEYS: clients. ARGV: client id, start of the servers' channels, message.
-- Answers 1 if a server holds it, 0 if none does, or only for a lost one.
local value = redis.call('HGET', KEYS[1], ARGV[1])
local epoch, lost = string.match(value or '', '^(%w+) %x+ %-?%x+ ?(%w*);?')
if not epoch or lost ~= '' then
  return 0
end

redis.call('PUBLISH', ARGV[2] .. epoch, 'M' .. #ARGV[1] .. ':' .. ARGV[1] .. ARGV[3])
return 1
