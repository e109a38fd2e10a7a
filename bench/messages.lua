-- wrk: messages to Rasa's REST channel, `BENCH_SENDERS` conversations at a time, ten messages each.
local senders = tonumber(os.getenv("BENCH_SENDERS"))
local run = os.getenv("BENCH_RUN")
local messages = {}
for line in io.lines(os.getenv("BENCH_MESSAGES")) do
  messages[#messages + 1] = line
end
local count = 0

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

function request()
  local sender = count % senders
  local turn = math.floor(count / senders)
  count = count + 1
  local conversation = string.format("%s-%d-%d", run, sender, math.floor(turn / 10))
  return wrk.format(nil, nil, nil, string.format('{"sender": "%s", "message": %s}', conversation, messages[turn % #messages + 1]))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
