-- After the URL: "post N" posts so many octets instead of getting; "among N" asks for one of the paths
-- URL/0 to URL/N-1, and with -1 each time with another query, in no order: who stores sorted would
-- have it too easy with neighbours.
-- What it counted is printed as one line of JSON, the last.

local base, among, counter, run

function init(args)
   if args[1] == "post" then
      wrk.method = "POST"
      wrk.body = string.rep("x", tonumber(args[2]))
   elseif args[1] == "among" then
      math.randomseed(os.time())
      among = tonumber(args[2])
      base = wrk.path
      counter, run = 0, os.time()
      request = another
   end
end

function another()
   if among < 0 then
      counter = counter + 1
      -- Odd, so that each count of a run has another number (Knuth's multiplicative hash).
      local number = counter * 2654435761 % 4294967296
      return wrk.format(nil, string.format("%s?%08x%d", base, number, run))
   end
   return wrk.format(nil, base .. math.random(0, among - 1))
end

function done(summary, latency, _)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "microseconds": %d, "octets": %d, "p50": %d, "p99": %d, ' ..
      '"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}\n',
      summary.requests, summary.duration, summary.bytes,
      latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
