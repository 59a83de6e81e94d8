#!/usr/bin/env bash
# Builds and starts Dabba with all it needs, and lets a city live through a day on it.
#
# usage: scripts/run.sh [OPTION]...
#   --instance DIR  a day of real demand instead of the built-in city: a folder of the MDRP's public instances
#   --speed N       how many times faster than the wall clock the day passes (default 60)
#   --out DIR       where the report, the event log and the solution files go
#   --exit          end after the day, with status 0 only if the checker found nothing
#   --port N        of the page and the API, on 127.0.0.1 (default 8080)
# Without --exit it serves until Ctrl-C. Every run starts with an empty database.
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"
. "$(dirname "$0")/lib/build.sh"
. "$(dirname "$0")/lib/postgres.sh"

speed=60 port=8080 end_after_day='' city_options=()
while [ $# -gt 0 ]; do
  case $1 in
    --instance | --speed | --out | --port) [ $# -ge 2 ] || die "$1 needs a value" ;;
  esac
  case $1 in
    --instance)
      [ -r "$2/orders.txt" ] || die "$2 is no folder of an MDRP instance: it has no orders.txt"
      city_options+=(--instance "$(realpath "$2")"); shift ;;
    --out)
      mkdir -p "$2" || die "the folder $2 can't be made"
      city_options+=(--out "$(realpath "$2")"); shift ;;
    --speed)
      [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ && $2 =~ [1-9] ]] || die "--speed is a number above 0, not '$2'"
      speed=$2; shift ;;
    --port)
      [[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 >= 1 && 10#$2 <= 65535)) || die "--port is a number from 1 to 65535, not '$2'"
      port=$((10#$2)); shift ;;
    --exit) end_after_day=yes ;;
    -h | --help) usage; exit ;;
    *) usage >&2; die "unknown option '$1'" ;;
  esac
  shift
done

cd "$scripts_folder/.."
only_one run # before the trap: what another run has started is not ours to stop
database_folder=$(pg_home run)
node='' city=''
trap finish EXIT
trap 'interrupted 130' INT
trap 'interrupted 143' TERM HUP

interrupted() {
  echo
  step "stopping"
  exit "$1"
}

# Whatever way the script ends: first the programs, then the database under them.
finish() {
  local status=$?
  trap '' INT TERM HUP # what follows is bounded in time
  end_process "$city"
  end_process "$node"
  pg_stop "$database_folder" || true
  exit "$status"
}

end_process() {
  local pid=$1 _
  [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null || return 0
  for _ in {1..150}; do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

wait_until_ready() {
  local _
  for _ in {1..300}; do
    ! curl --noproxy '*' -fs -o /dev/null --max-time 2 "$url/readyz" || return 0
    kill -0 "$node" 2>/dev/null || node_ended
    sleep 0.2
  done
  tail -n 20 "$node_log" >&2
  die "the node is not ready after a minute" "its log is $node_log"
}

node_ended() {
  local status=0
  wait "$node" || status=$?
  node=''
  tail -n 20 "$node_log" >&2
  die "the node ended by itself, with status $status" "its log is $node_log"
}

! port_is_taken "$port" || die "port $port is taken by another program" "name another one: scripts/run.sh --port N"
url=http://127.0.0.1:$port
bin=build/release/bin
key=.dabba/signing-key.pem
node_log=.dabba/node.log

scripts/setup.sh run
step "building Dabba"
build release dabba dabba-city
step "starting PostgreSQL and the node"
pg_start "$database_folder" 8>&-
pg_fresh_database "$database_folder" dabba_run
database=$(pg_url "$database_folder" dabba_run)
"$bin/dabba" migrate --database "$database"
if [ ! -e "$key" ]; then
  rm -f "$key.new"
  (umask 077 && "$bin/dabba" token --new-key "$key.new")
  mv "$key.new" "$key"
fi

# In a session of its own, so that Ctrl-C reaches only this script, which ends things in order; and ended by the kernel
# if this script is killed.
setsid setpriv --pdeathsig TERM "$bin/dabba" node --database "$database" --listen "127.0.0.1:$port" \
  --signing-key "$key" --open-city --clock-scale "$speed" --web-root http-edge/web \
  >"$node_log" 2>&1 </dev/null 8>&- &
node=$!
wait_until_ready
step "the city is at $bold$url/$plain"

setpriv --pdeathsig TERM "$bin/dabba-city" --url "$url" --signing-key "$key" --dabba "$bin/dabba" \
  --speed "$speed" --database "$database" "${city_options[@]}" </dev/null 8>&- &
city=$!
first='' status=0
wait -n -p first "$city" "$node" || status=$?
[ "$first" != "$node" ] || node_ended
city=''
[ -z "$end_after_day" ] || exit "$status"
[ "$status" = 0 ] || note "the day ended with status $status: the report above says why"
step "the day is over; serving at $bold$url/$plain until Ctrl-C"
trap 'interrupted "$status"' INT
wait "$node" || true
node_ended
