-- Removes fields of a hash.
-- KEYS: the hash. ARGV: fields.
return redis.call('HDEL', KEYS[1], unpack(ARGV))
