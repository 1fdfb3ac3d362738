-- Posts the bodies of a file, one a line, in turn, and prints the result as one line of JSON.
local requests = {}
local next_request = 0

function init(args)
  local headers = { ["content-type"] = "application/json" }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

function done(summary, latency)
  local errors = summary.errors
  local ms = function(percentile) return latency:percentile(percentile) / 1000 end
  io.write(string.format(
    '{"answers":%d,"seconds":%.6f,"p50":%.3f,"p90":%.3f,"p95":%.3f,"p99":%.3f,"p999":%.3f,' ..
      '"errors":{"non2xx":%d,"sockets":%d,"timeouts":%d}}\n',
    summary.requests, summary.duration / 1e6, ms(50), ms(90), ms(95), ms(99), ms(99.9),
    errors.status, errors.connect + errors.read + errors.write, errors.timeout
  ))
end
