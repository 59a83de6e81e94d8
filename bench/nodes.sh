#!/usr/bin/env bash
# What a cluster costs: the processor time per order of three nodes, beside that of one, for the same day.
#
# usage: scripts/bench.sh nodes     which builds what it needs, starts PostgreSQL and calls this
# Two clusters, each with a database and a city of its own, live the day at the same time on the same machine, so that
# whatever else the machine does falls on both. All of a city's sockets and requests go to one node; two thirds of what
# they are about is on the others. Processor time is that of the nodes (user and system), without PostgreSQL and the city,
# from when they are ready to when the last order has ended.
#   DABBA_BENCH_DAY    a folder of an MDRP instance; without it the built-in city's evening
#   DABBA_BENCH_SPEED  how many times faster than the wall clock it passes (default 300)
set -euo pipefail
scripts_folder=$(realpath "$(dirname "$0")/../scripts")
. "$scripts_folder/lib/say.sh"
. "$scripts_folder/lib/ending.sh"
. "$scripts_folder/lib/processes.sh"

: "${DABBA_BENCH_DATABASE:?names the server; scripts/bench.sh sets it}"
speed=${DABBA_BENCH_SPEED:-300} day=()
[ -z "${DABBA_BENCH_DAY:-}" ] || day=(--instance "$DABBA_BENCH_DAY")
bin=$scripts_folder/../build/release/bin
folder=$(mktemp -d)
psql=${DABBA_PGBIN:-/usr/lib/postgresql/15/bin}/psql
nodes=() cities=() databases=()
at_end stop_all

stop_all() {
  end_processes 15 "${cities[@]}"
  end_processes 35 "${nodes[@]}"
  for each in "${databases[@]}"; do query "drop database if exists $each with (force)" || true; done
  rm -rf "$folder"
}

query() { "$psql" -X -q -d "$DABBA_BENCH_DATABASE" -c "set client_min_messages = warning" -c "$1"; }

# url_of DATABASE: like the server's URL, but of this database.
url_of() { sed -E "s#^([^/]*//[^/?]*)(/[^?]*)?#\1/$1#" <<<"$DABBA_BENCH_DATABASE"; }

# start_cluster COUNT: nodes on ports that the system chooses; the first one's URL is in its log.
start_cluster() {
  local count=$1 database=dabba_bench_nodes_$1 i
  query "drop database if exists $database with (force)"
  query "create database $database"
  databases+=("$database")
  "$bin/dabba" migrate --database "$(url_of "$database")"
  for ((i = 1; i <= count; i++)); do
    setsid setpriv --pdeathsig TERM "$bin/dabba" node --database "$(url_of "$database")" --listen 127.0.0.1:0 \
      --signing-key "$folder/key.pem" --trust-unknown-callers --open-city --clock-scale "$speed" \
      --web-root "$scripts_folder/../http-edge/web" \
      >"$folder/node-$count-$i.log" 2>&1 </dev/null &
    nodes+=($!)
    echo $! >>"$folder/pids-$count"
  done
}

# url_of_node COUNT: of the first node of that cluster, once all of its nodes are ready.
url_of_node() {
  local url='' i
  for ((i = 1; i <= $1; i++)); do
    for _ in {1..300}; do
      url=$(grep -o 'serving on http://[0-9.:]*' "$folder/node-$1-$i.log" | cut -d' ' -f3 || true)
      [ -z "$url" ] || ! curl --noproxy '*' -fs -o /dev/null --max-time 2 "$url/readyz" || break
      url=''
      sleep 0.2
    done
    [ -n "$url" ] || { tail -n 5 "$folder/node-$1-$i.log" >&2; die "a node is not ready after a minute"; }
    [ "$i" -gt 1 ] || echo "$url"
  done
}

# processor_time COUNT: of all nodes of that cluster so far, by the kind of thread: lines of NAME and clock ticks.
processor_time() {
  local pid stat name
  while read -r pid; do
    for stat in /proc/"$pid"/task/*/stat; do
      read -r stat <"$stat" || continue
      name=${stat#*(} name=${name%)*}
      read -ra stat <<<"${stat##*) }"
      case $name in
        caf.worker) name=actors ;;
        caf.io.mpx) name=links ;;
        dabba) name=edge ;;
        *) name=stores ;;
      esac
      echo "$name $((stat[11] + stat[12]))"
    done
  done <"$folder/pids-$1"
}

# run_city COUNT: leaves what was used before and after, and what the city says.
run_city() {
  local count=$1
  processor_time "$count" >"$folder/before-$count"
  setpriv --pdeathsig TERM "$bin/dabba-city" --url "$(<"$folder/url-$count")" --signing-key "$folder/key.pem" \
    --dabba "$bin/dabba" --speed "$speed" --database "$(url_of "dabba_bench_nodes_$count")" "${day[@]}" --no-progress \
    >"$folder/city-$count.log" 2>&1 </dev/null || { tail -n 20 "$folder/city-$count.log" >&2; return 1; }
  processor_time "$count" >"$folder/after-$count"
}

# used COUNT: the orders delivered, and the milliseconds that each kind of thread used for them.
used() {
  awk -v tick_ms=$((1000 / $(getconf CLK_TCK))) -v orders="$(awk '$1 == "delivered" { print $2; exit }' "$folder/city-$1.log")" '
    FNR == NR { ms[$1] -= $2 * tick_ms; next }
    { ms[$1] += $2 * tick_ms }
    END { print orders, ms["edge"], ms["actors"], ms["links"], ms["stores"] }' "$folder/before-$1" "$folder/after-$1"
}

"$bin/dabba" token --new-key "$folder/key.pem"
for count in 1 3; do start_cluster "$count"; done
for count in 1 3; do url_of_node "$count" >"$folder/url-$count"; done
note "the day passes at $speed, once on one node and once on three"
for count in 1 3; do
  run_city "$count" &
  cities+=($!)
done
for pid in "${cities[@]}"; do wait "$pid" || die "a city's day ended with errors"; done
cities=()
{ echo "one $(used 1)"; echo "three $(used 3)"; } | awk '
  BEGIN {
    print "processor time per order, in ms, by what the threads do"
    printf "%-6s %8s %8s %8s %8s %8s %8s\n", "nodes", "orders", "edge", "actors", "links", "stores", "in all"
  }
  {
    all[$1] = ($3 + $4 + $5 + $6) / $2
    printf "%-6s %8d %8.2f %8.2f %8.2f %8.2f %8.2f\n", $1, $2, $3 / $2, $4 / $2, $5 / $2, $6 / $2, all[$1]
  }
  END {
    ratio = all["three"] / all["one"]
    printf "three nodes to one: %.2f (target: at most 1.6)\n", ratio
    printf "{\"bench\":\"nodes\",\"one_ms_per_order\":%.3f,\"three_ms_per_order\":%.3f,\"ratio\":%.3f}\n",
           all["one"], all["three"], ratio
  }'
