"""The claim: what one receiver may be sent now, taken in one piece so that no two couriers take the same."""

# Takes what is due for one receiver, as far as it may be bothered, and says when to look at it again.
CLAIM = """
local receivers, due, claimed, breakers = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local receiver, token, now, lapses = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local side_by_side, most, delivery = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
for _, id in ipairs(redis.call('ZRANGEBYSCORE', claimed, '-inf', now)) do
  redis.call('ZREM', claimed, id)
  redis.call('ZADD', due, now, id)
end
local open_until = tonumber(redis.call('ZSCORE', breakers, receiver) or 0)
if open_until > now then
  redis.call('ZADD', receivers, open_until, receiver)
  return {}
end
if open_until > 0 then side_by_side = 1 end
local room = side_by_side - redis.call('ZCARD', claimed)
local taken = {}
if room > 0 and most > 0 then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, math.min(room, most))) do
    redis.call('ZREM', due, id)
    if redis.call('EXISTS', delivery .. id) == 1 then
      redis.call('ZADD', claimed, lapses, id)
      redis.call('HSET', delivery .. id, 'token', token)
      taken[#taken + 1] = id
    end
  end
end
local next_claim = redis.call('ZRANGE', claimed, 0, 0, 'WITHSCORES')[2]
local next_due = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2]
if room - #taken <= 0 then next_due = nil end
local at = next_due or next_claim
if next_due and next_claim then at = math.min(tonumber(next_due), tonumber(next_claim)) end
if at then redis.call('ZADD', receivers, at, receiver) else redis.call('ZREM', receivers, receiver) end
return taken
"""
