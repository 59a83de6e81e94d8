#!/usr/bin/env bash
# Builds and runs the benchmarks, each beside the peer it is measured against.
#
# usage: scripts/bench.sh [NAME]...     without a name: all of build/release/bin/dabba-bench-NAME (some minutes)
#        scripts/bench.sh nodes         a day on one node and on three (bench/nodes.sh)
#        scripts/bench.sh menus         reading a menu, beside nginx (bench/menus.sh)
# What they measure, and figures: bench/README.md.
# The peers run on the same machine in the same run: a PostgreSQL with a production server's settings
# (DABBA_BENCH_DATABASE) and a Redis that keeps nothing on disk (DABBA_BENCH_REDIS).
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"
. "$(dirname "$0")/lib/build.sh"
. "$(dirname "$0")/lib/ending.sh"
. "$(dirname "$0")/lib/postgres.sh"

case ${1:-} in
  -h | --help) usage; exit ;;
  -*) usage >&2; die "unknown option '$1'" ;;
esac

cd "$scripts_folder/.."
only_one bench # before at_end: what another run has started is not ours to stop
database_folder=$(pg_home bench)
scratch=$(mktemp -d)
redis=''
at_end stop_peers

stop_peers() {
  [ -z "$redis" ] || { kill "$redis" && wait "$redis"; } 2>/dev/null || true
  pg_stop "$database_folder" || true
  rm -rf "$scratch"
}

# On a unix socket, which is the faster way to it.
start_redis() {
  local program _
  # Debian's redis-tools holds the server under this name; it goes by the name it is called.
  program=$(command -v redis-server || command -v redis-check-rdb) || die "Redis was not found" "run scripts/setup.sh bench"
  ln -s "$program" "$scratch/redis-server"
  setpriv --pdeathsig TERM "$scratch/redis-server" --port 0 --unixsocket "$scratch/redis.sock" --save '' --appendonly no \
    --dir "$scratch" >"$scratch/redis.log" 2>&1 </dev/null 8>&- &
  redis=$!
  for _ in {1..100}; do
    [ "$(redis-cli -s "$scratch/redis.sock" ping 2>/dev/null)" != PONG ] || { export DABBA_BENCH_REDIS=$scratch/redis.sock; return 0; }
    sleep 0.1
  done
  cat "$scratch/redis.log" >&2
  die "Redis did not start"
}

scripts/setup.sh run bench
step "building the benchmarks"
build release benchmarks
[ "$*" != nodes ] || build release dabba dabba-city
[ "$*" != menus ] || build release dabba
pg_start "$database_folder" 8>&-
DABBA_BENCH_DATABASE=$(pg_url "$database_folder") # each program makes a database of its own and drops it
export DABBA_BENCH_DATABASE
start_redis

if [ "$*" = nodes ] || [ "$*" = menus ]; then
  step "$*"
  "bench/$*.sh" 8>&-
  exit
fi

programs=()
for name in "$@"; do
  [ -x "build/release/bin/dabba-bench-$name" ] ||
    die "there is no benchmark '$name'" "known: $(cd build/release/bin && echo dabba-bench-* | sed 's/dabba-bench-//g') nodes menus (by themselves)"
  programs+=("build/release/bin/dabba-bench-$name")
done
[ ${#programs[@]} -gt 0 ] || programs=(build/release/bin/dabba-bench-*)
for program in "${programs[@]}"; do
  step "${program##*/dabba-bench-}"
  "$program" 8>&-
done
