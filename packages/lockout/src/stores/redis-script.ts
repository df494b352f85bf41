/**
 * The whole store as one script, so that every question is one atomic step and one round trip, and the server's clock
 * measures. All keys are made with one hash tag, so a cluster keeps them on one node.
 *
 * A lock is a hash: `holder` and `leaseEndsAt`; `frozenAt`, `frozenUntil` and `source`; `failures` and `forgetAt`.
 * Instants are the server's milliseconds. `ARGV` holds the question, the key prefix, and what the question needs. The
 * set `<prefix>frozen` indexes running freezes for the operator's list.
 */
export const LOCKOUT_SCRIPT = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local question, prefix = ARGV[1], ARGV[2]
local index = prefix .. 'frozen'

local function read(key)
  local got = redis.call('HMGET', key, 'holder', 'leaseEndsAt', 'frozenAt', 'frozenUntil', 'source', 'failures', 'forgetAt')
  local lock = {
    holder = got[1] or '', leaseEndsAt = tonumber(got[2]) or 0,
    frozenAt = tonumber(got[3]) or 0, frozenUntil = tonumber(got[4]) or 0, source = got[5] or '',
    failures = tonumber(got[6]) or 0, forgetAt = tonumber(got[7]) or 0,
  }
  lock.remembered = lock.forgetAt > now and lock.failures or 0
  return lock
end

local function write(key, lock)
  local endsAt = math.max(lock.leaseEndsAt, lock.frozenUntil + 1, lock.forgetAt)
  if endsAt <= now then return redis.call('DEL', key) end
  redis.call('HSET', key, 'holder', lock.holder, 'leaseEndsAt', lock.leaseEndsAt, 'frozenAt', lock.frozenAt,
    'frozenUntil', lock.frozenUntil, 'source', lock.source, 'failures', lock.failures, 'forgetAt', lock.forgetAt)
  redis.call('PEXPIRE', key, endsAt - now)
end

local function indexed(key, lock)
  local name = string.sub(key, #prefix + 1)
  if lock.frozenUntil < now then return redis.call('ZREM', index, name) end
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now - 1)
  redis.call('ZADD', index, lock.frozenUntil, name)
  local endsInMs = lock.frozenUntil - now + 1
  if redis.call('PTTL', index) < endsInMs then redis.call('PEXPIRE', index, endsInMs) end
end

if question == 'reserve' then
  local holder, leaseMs = ARGV[3], tonumber(ARGV[4])
  local frozenUntil, busyUntil, failures, locks = 0, 0, 0, {}
  for i, key in ipairs(KEYS) do
    local lock = read(key)
    locks[i] = lock
    frozenUntil = math.max(frozenUntil, lock.frozenUntil)
    if lock.holder ~= holder then busyUntil = math.max(busyUntil, lock.leaseEndsAt) end
    failures = math.max(failures, lock.remembered)
  end
  if frozenUntil >= now then return { 'frozen', frozenUntil - now } end
  if busyUntil > now then return { 'busy', busyUntil - now } end
  for i, key in ipairs(KEYS) do
    locks[i].holder, locks[i].leaseEndsAt = holder, now + leaseMs
    write(key, locks[i])
  end
  return { 'granted', failures }
end

if question == 'settle' then
  local holder, freezeMs, failures = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
  local rememberMs, source = tonumber(ARGV[6]), ARGV[7]
  for _, key in ipairs(KEYS) do
    local lock = read(key)
    local isHolder = lock.holder == holder
    local owns = isHolder and lock.leaseEndsAt > now
    if isHolder then lock.holder, lock.leaseEndsAt = '', 0 end
    if (owns or freezeMs > 0) and failures and (owns or failures > lock.remembered) then
      lock.failures, lock.forgetAt = failures, failures > 0 and now + rememberMs or 0
    end
    if freezeMs > 0 and now + freezeMs > lock.frozenUntil then
      lock.frozenAt, lock.frozenUntil, lock.source = now, now + freezeMs, source
    end
    if isHolder or freezeMs > 0 then write(key, lock) end
    if freezeMs > 0 then indexed(key, lock) end
  end
  return 'OK'
end

if question == 'clear' then
  for _, key in ipairs(KEYS) do
    local lock = read(key)
    lock.frozenUntil, lock.failures, lock.forgetAt = 0, 0, 0
    write(key, lock)
    indexed(key, lock)
  end
  return 'OK'
end

if question == 'list' then
  local found = {}
  for _, name in ipairs(redis.call('ZRANGE', index, '+inf', now, 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[3])) do
    local lock = read(prefix .. name)
    if lock.frozenUntil >= now then
      found[#found + 1] = { name, now - lock.frozenAt, lock.frozenUntil - now, lock.failures, lock.source }
    end
  end
  return found
end

if question == 'mark' then return redis.call('SET', KEYS[1], '1', 'PX', ARGV[3]) end
return redis.call('EXISTS', KEYS[1])
`
