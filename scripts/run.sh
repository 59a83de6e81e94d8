#!/usr/bin/env bash
# Builds and starts Dabba with all it needs, and lets a city live through a day on it.
#
# usage: scripts/run.sh [OPTION]...
#   --instance DIR  a day of real demand instead of the built-in city: a folder of the MDRP's public instances
#   --speed N       how many times faster than the wall clock the day passes (default 60)
#   --out DIR       where the report, the event log and the solution files go
#   --exit          end after the day, with status 0 only if the checker found nothing
#   --port N        of the page and the API, on 127.0.0.1 (default 8080)
#   --nodes N       a cluster of N nodes on ports N+1 and up, behind a proxy on --port (default 1, without a proxy)
#   --kill-every S  every S seconds one of the nodes, by chance, is killed with SIGKILL, and another started in its place
# Without --exit it serves until Ctrl-C. Every run starts with an empty database.
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"
. "$(dirname "$0")/lib/build.sh"
. "$(dirname "$0")/lib/postgres.sh"
. "$(dirname "$0")/lib/processes.sh"

speed=60 port=8080 nodes=1 kill_every='' end_after_day='' city_options=()
while [ $# -gt 0 ]; do
  case $1 in
    --instance | --speed | --out | --port | --nodes | --kill-every) [ $# -ge 2 ] || die "$1 needs a value" ;;
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
    --nodes)
      [[ $2 =~ ^[0-9]{1,2}$ ]] && ((10#$2 >= 1 && 10#$2 <= 16)) || die "--nodes is a number from 1 to 16, not '$2'"
      nodes=$((10#$2)); shift ;;
    --kill-every)
      [[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 >= 5)) || die "--kill-every is a number of seconds, at least 5, not '$2'"
      kill_every=$((10#$2)); shift ;;
    --exit) end_after_day=yes ;;
    -h | --help) usage; exit ;;
    *) usage >&2; die "unknown option '$1'" ;;
  esac
  shift
done

[ -z "$kill_every" ] || [ "$nodes" -gt 1 ] || die "--kill-every needs --nodes: somebody has to go on"

cd "$scripts_folder/.."
only_one run # before the trap: what another run has started is not ours to stop
database_folder=$(pg_home run)
node_pids=() node_started=() proxy='' city=''
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
  end_processes 15 "$city"
  end_processes 15 "$proxy"
  # They hand over to each other, and the last to nobody: drain-seconds (20), 10 s for the rest, and some to spare.
  end_processes 35 "${node_pids[@]}"
  pg_stop "$database_folder" || true
  exit "$status"
}

# start_node I: the I-th node, counted from 1. In a session of its own, so that Ctrl-C reaches only this script, which
# ends things in order; and ended by the kernel if this script is killed.
start_node() {
  local i=$1
  setsid setpriv --pdeathsig TERM "$bin/dabba" node --database "$database" --listen "127.0.0.1:$(node_port "$i")" \
    --signing-key "$key" --trust-unknown-callers --open-city --clock-scale "$speed" --web-root http-edge/web \
    --swagger-ui "$swagger_ui" \
    >>"$(node_log "$i")" 2>&1 </dev/null 8>&- &
  node_pids[i]=$! node_started[i]=$SECONDS
}

# replace_node I: the I-th node has ended. One that ends again and again is not started more than once a second.
replace_node() {
  local i=$1 status=0
  ((SECONDS - node_started[i] > 1)) || return 0 # the next look comes soon
  wait "${node_pids[i]}" 2>/dev/null || status=$?
  note "node $i has ended with status $status, see $(node_log "$i"); starting another in its place"
  start_node "$i"
}

node_port() { echo $((nodes == 1 ? port : port + $1)); }
node_log() { [ "$nodes" = 1 ] && echo .dabba/node.log || echo ".dabba/node-$1.log"; }

wait_until_ready() {
  local i _
  for i in "${!node_pids[@]}"; do
    for _ in {1..300}; do
      ! curl --noproxy '*' -fs -o /dev/null --max-time 2 "http://127.0.0.1:$(node_port "$i")/readyz" || continue 2
      kill -0 "${node_pids[i]}" 2>/dev/null || node_ended "$i"
      sleep 0.2
    done
    tail -n 20 "$(node_log "$i")" >&2
    die "a node is not ready after a minute" "its log is $(node_log "$i")"
  done
}

node_ended() {
  local i=$1 status=0
  wait "${node_pids[i]}" || status=$?
  unset "node_pids[i]"
  tail -n 20 "$(node_log "$i")" >&2
  die "the node ended by itself, with status $status" "its log is $(node_log "$i")"
}

# One address for all nodes. A node that dies is noticed by its closed connections, or at the next look.
start_proxy() {
  local i _ descriptors
  descriptors=$(ulimit -n)
  {
    cat <<END
global
  maxconn $((descriptors > 40100 ? 20000 : descriptors / 2 - 50))
defaults
  mode http
  option redispatch
  retries 3
  timeout connect 1s
  timeout client 120s
  timeout server 120s
  timeout tunnel 1h
frontend dabba
  bind 127.0.0.1:$port
  default_backend nodes
backend nodes
  balance leastconn
  option httpchk GET /readyz
  default-server check inter 500ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down on-marked-down shutdown-sessions
END
    for i in "${!node_pids[@]}"; do echo "  server node-$i 127.0.0.1:$(node_port "$i")"; done
  } >.dabba/haproxy.cfg
  setsid setpriv --pdeathsig TERM haproxy -db -f .dabba/haproxy.cfg >.dabba/haproxy.log 2>&1 </dev/null 8>&- &
  proxy=$!
  for _ in {1..50}; do
    ! curl --noproxy '*' -fs -o /dev/null --max-time 2 "$url/livez" || return 0
    kill -0 "$proxy" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 5 .dabba/haproxy.log >&2
  die "the proxy does not pass anything on" "its log is .dabba/haproxy.log"
}

# What the nodes that run now have used of the processors, in all.
say_processor_time() {
  local pid ticks=0 stat
  for pid in "${node_pids[@]}"; do
    read -r stat 2>/dev/null <"/proc/$pid/stat" || continue
    read -ra stat <<<"${stat##*) }"
    ticks=$((ticks + stat[11] + stat[12]))
  done
  note "the nodes used $((ticks * 10 / $(getconf CLK_TCK) / 10)).$((ticks * 10 / $(getconf CLK_TCK) % 10)) s of processor time"
}

# Waits for the process, and looks after the nodes meanwhile: of several, one that ends is started again.
watch_until_ended() {
  local pid=$1 i next_kill=$((SECONDS + ${kill_every:-0}))
  while kill -0 "$pid" 2>/dev/null; do
    for i in "${!node_pids[@]}"; do
      ! kill -0 "${node_pids[i]}" 2>/dev/null || continue
      [ "$nodes" -gt 1 ] || node_ended "$i"
      replace_node "$i"
    done
    if [ -n "$kill_every" ] && [ "$SECONDS" -ge "$next_kill" ]; then
      next_kill=$((SECONDS + kill_every))
      i=$((RANDOM % nodes + 1))
      note "killing node $i"
      kill -KILL "${node_pids[i]}" 2>/dev/null || true
      wait "${node_pids[i]}" 2>/dev/null || true # without it bash would report the kill
    fi
    sleep 0.3
  done
}

for taken in $(seq "$port" $((nodes == 1 ? port : port + nodes))); do
  ! port_is_taken "$taken" || die "port $taken is taken by another program" "name another one: scripts/run.sh --port N"
done
url=http://127.0.0.1:$port
bin=build/release/bin
key=.dabba/signing-key.pem
swagger_ui=${DABBA_DEPS:-/opt/dabba}/swagger-ui

parts=(run)
[ "$nodes" = 1 ] || parts+=(cluster)
scripts/setup.sh "${parts[@]}"
step "building Dabba"
build release dabba dabba-city
step "starting PostgreSQL and $([ "$nodes" = 1 ] && echo the node || echo "$nodes nodes")"
pg_start "$database_folder" 8>&-
pg_fresh_database "$database_folder" dabba_run
database=$(pg_url "$database_folder" dabba_run)
"$bin/dabba" migrate --database "$database"
if [ ! -e "$key" ]; then
  rm -f "$key.new"
  (umask 077 && "$bin/dabba" token --new-key "$key.new")
  mv "$key.new" "$key"
fi

rm -f .dabba/node.log .dabba/node-*.log
for ((i = 1; i <= nodes; i++)); do start_node "$i"; done
wait_until_ready
[ "$nodes" = 1 ] || start_proxy
step "the city is at $bold$url/$plain"
[ ! -e "$swagger_ui/version" ] || note "and its API is at $bold$url/docs$plain"

setpriv --pdeathsig TERM "$bin/dabba-city" --url "$url" --signing-key "$key" --dabba "$bin/dabba" \
  --speed "$speed" --database "$database" "${city_options[@]}" </dev/null 8>&- &
city=$!
watch_until_ended "$city"
status=0
wait "$city" || status=$?
city=''
say_processor_time
[ -z "$end_after_day" ] || exit "$status"
[ "$status" = 0 ] || note "the day ended with status $status: the report above says why"
step "the day is over; serving at $bold$url/$plain until Ctrl-C"
trap 'interrupted "$status"' INT
watch_until_ended $$
