-- Given a number after the URL, wrk posts so many octets instead of getting.
-- What it counted is printed as one line of JSON, the last.

function init(args)
   if args[1] then
      wrk.method = "POST"
      wrk.body = string.rep("x", tonumber(args[1]))
   end
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
