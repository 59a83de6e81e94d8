# How scripts end that have started something. Sourced, never run.

# at_end COMMAND: runs it when the script ends, by itself or by a signal, and keeps the script's status. COMMAND must take
# a bounded time: signals wait for it.
at_end() {
  end_command=$1
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

finish() {
  local status=$?
  trap '' INT TERM HUP
  "$end_command" || true
  exit "$status"
}
