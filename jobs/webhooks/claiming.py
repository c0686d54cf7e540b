"""The claim: what one addressee may be sent now, taken in one piece so that no two couriers take the same."""

# Takes what is due, as far as the addressee may be bothered, and says when to look at it again. While the
# breaker is open it takes only what has waited for too long. Answers whether it is open, and the ids.
CLAIM = """
local addressees, due, claimed, breakers = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local addressee, token, now, lapses = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local side_by_side, most = tonumber(ARGV[5]), tonumber(ARGV[6])
local patience, delivery = tonumber(ARGV[7]), ARGV[8]

local function take(before, count)
  local taken = {}
  if count <= 0 then return taken end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', before, 'LIMIT', 0, count)) do
    redis.call('ZREM', due, id)
    if redis.call('EXISTS', delivery .. id) == 1 then
      redis.call('ZADD', claimed, lapses, id)
      redis.call('HSET', delivery .. id, 'token', token)
      taken[#taken + 1] = id
    end
  end
  return taken
end

redis.call('ZADD', addressees, now, addressee)  -- a full Redis refuses this, and so the whole claim
for _, id in ipairs(redis.call('ZRANGEBYSCORE', claimed, '-inf', now)) do
  redis.call('ZREM', claimed, id)
  redis.call('ZADD', due, now, id)
end
local open_until = tonumber(redis.call('ZSCORE', breakers, addressee) or 0)
if open_until > now then
  local hopeless = take(now - patience, most)
  if #hopeless == 0 then redis.call('ZADD', addressees, open_until, addressee) end
  return {1, hopeless}
end
if open_until > 0 then side_by_side = 1 end
local room = side_by_side - redis.call('ZCARD', claimed)
local taken = take(now, math.min(room, most))
local next_claim = redis.call('ZRANGE', claimed, 0, 0, 'WITHSCORES')[2]
local next_due = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2]
if room - #taken <= 0 then next_due = nil end
local at = next_due or next_claim
if next_due and next_claim then at = math.min(tonumber(next_due), tonumber(next_claim)) end
if at then redis.call('ZADD', addressees, at, addressee) else redis.call('ZREM', addressees, addressee) end
return {0, taken}
"""
