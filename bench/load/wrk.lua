-- Sends prepared requests in order. Arguments: the file of requests, and "once" if none may be sent twice.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long micros; } bench_time;
  int gettimeofday(bench_time *time, void *zone);
]]

local requests, place, isOnce = {}, 0, false
local threads = {}
started, ended = 0, 0

local function now()
  local time = ffi.new("bench_time")
  ffi.C.gettimeofday(time, nil)
  return tonumber(time.seconds) * 1000000 + tonumber(time.micros)
end

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  isOnce = args[2] == "once"
  local file = io.open(args[1], "rb")
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
end

-- wrk calls this once before it connects.
function request()
  place = place + 1
  if place == 2 then started = now() end
  if place > #requests then
    if isOnce and ended == 0 then
      ended = now()
      wrk.thread:stop()
    end
    if isOnce then return requests[#requests] end
    place = 1
  end
  return requests[place]
end

function done(summary)
  local thread = threads[1]
  local micros = summary.duration
  if thread:get("ended") > 0 then micros = thread:get("ended") - thread:get("started") end
  local errors = summary.errors
  print(string.format(
    '\n{"completed":%d,"refused":%d,"failed":%d,"micros":%d}',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout, micros
  ))
end
