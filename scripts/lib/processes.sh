# How scripts end the processes they have started. Sourced, never run.

# end_processes SECONDS PID...: tells all of them to end, once each, since to some a second signal means "at once"; waits
# for them; kills those that are left after SECONDS. Empty PIDs stand for what was not started.
end_processes() {
  local pid give_up
  give_up=$((SECONDS + $1))
  shift
  for pid; do [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true; done
  for pid; do
    [ -n "$pid" ] || continue
    while kill -0 "$pid" 2>/dev/null && ((SECONDS < give_up)); do sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}
