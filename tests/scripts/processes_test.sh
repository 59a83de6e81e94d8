#!/usr/bin/env bash
# Tests end_processes of scripts/lib/processes.sh with processes that count the signals they get.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/processes.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

failed() {
  echo "$1" >&2
  exit 1
}

# start_counter NAME SECONDS: writes a line for each SIGTERM, and ends that long after the first (0: never).
start_counter() {
  bash -c '
    told=""
    trap "echo TERM >>$1; told=\${told:-\$SECONDS}" TERM
    : >"$1"
    for _ in {1..400}; do
      [ -z "$told" ] || [ "$2" = 0 ] || ((SECONDS - told < $2)) || { echo ended >>"$1"; exit; }
      sleep 0.1
    done' counter "$folder/$1" "$2" &
  pid=$!
  for _ in {1..100}; do [ ! -e "$folder/$1" ] || return 0; sleep 0.05; done
  failed "the process $1 did not start"
}

start_counter first 2; first=$pid
start_counter second 2; second=$pid
began=$SECONDS
end_processes 20 "$first" '' "$second"
took=$((SECONDS - began))
for each in first second; do
  [ "$(cat "$folder/$each")" = $'TERM\nended' ] || failed "the $each process saw: $(tr '\n' ' ' <"$folder/$each")"
done
((took < 10)) || failed "two processes that take 2 s took $took s"

start_counter deaf 0
end_processes 1 "$pid"
! kill -0 "$pid" 2>/dev/null || failed "a process that does not end was left"
[ "$(cat "$folder/deaf")" = TERM ] || failed "the deaf process saw: $(tr '\n' ' ' <"$folder/deaf")"

end_processes 20 "$pid" # which has ended
end_processes 20
