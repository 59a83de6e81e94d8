#!/usr/bin/env bash
# Reading a menu: requests per second of a node, beside nginx serving the same bytes from a file.
#
# usage: scripts/bench.sh menus     which builds what it needs, starts PostgreSQL and calls this
# wrk reads the one and then the other, in turns, on the same machine: the whole menu, and with the ETag it has. Each
# read of the node asks the restaurant's actor whether the menu is still the one that is kept.
#   DABBA_BENCH_ITEMS  of the menu (default 60, about 15 KB)
set -euo pipefail
scripts_folder=$(realpath "$(dirname "$0")/../scripts")
. "$scripts_folder/lib/say.sh"
. "$scripts_folder/lib/ending.sh"
. "$scripts_folder/lib/processes.sh"

: "${DABBA_BENCH_DATABASE:?names the server; scripts/bench.sh sets it}"
items=${DABBA_BENCH_ITEMS:-60}
bin=${DABBA_BENCH_BIN:-$scripts_folder/../build/release/bin}
database=dabba_bench_menus
folder=$(mktemp -d)
psql=${DABBA_PGBIN:-/usr/lib/postgresql/15/bin}/psql
node='' nginx=''
at_end stop_all

stop_all() {
  end_processes 35 "$node" "$nginx"
  query "drop database if exists $database with (force)" || true
  rm -rf "$folder"
}

query() { "$psql" -X -q -d "$DABBA_BENCH_DATABASE" -c "set client_min_messages = warning" -c "$1"; }
token() { "$bin/dabba" token --signing-key "$folder/key.pem" --role "$1" --lifetime 900 "${@:2}"; }
# call METHOD PATH BODY: as the owner, or as an operator when it says so in CALLER.
call() {
  curl --noproxy '*' -fsS --max-time 10 -X "$1" "$url$2" -H "Authorization: Bearer ${caller:-$owner}" \
    -H 'Content-Type: application/json' -d "$3"
}
# rate URL HEADER...: requests per second.
rate() {
  local at=$1 with=()
  shift
  for each; do with+=(-H "$each"); done
  wrk -t 1 -c 64 -d "${DABBA_BENCH_SECONDS:-5}" "${with[@]}" "$at" >"$folder/wrk.log" || { cat "$folder/wrk.log" >&2; return 1; }
  ! grep -q 'Socket errors\|Non-2xx' "$folder/wrk.log" || { cat "$folder/wrk.log" >&2; die "not every read was answered"; }
  awk '/^Requests\/sec:/ { print $2 }' "$folder/wrk.log"
}

start_node() {
  query "drop database if exists $database with (force)"
  query "create database $database"
  "$bin/dabba" token --new-key "$folder/key.pem"
  local server
  server=$(sed -E "s#^([^/]*//[^/?]*)(/[^?]*)?#\1/$database#" <<<"$DABBA_BENCH_DATABASE")
  "$bin/dabba" migrate --database "$server"
  setpriv --pdeathsig TERM "$bin/dabba" node --database "$server" --listen 127.0.0.1:0 --log-level warn --requests-per-second 0 \
    --signing-key "$folder/key.pem" >"$folder/node.log" 2>&1 </dev/null &
  node=$!
  for _ in {1..300}; do
    url=$(ss -Hltnp | sed -n "s/.* \(127\.0\.0\.1:[0-9]*\) .*pid=$node,.*/http:\/\/\1/p" | head -n 1)
    [ -z "$url" ] || ! curl --noproxy '*' -fs -o /dev/null --max-time 2 "$url/readyz" || return 0
    sleep 0.2
  done
  tail -n 5 "$folder/node.log" >&2
  die "the node is not ready after a minute"
}

fill_menu() {
  local made i
  owner=$(token RESTAURANT --subject 018f6f2c-0000-7000-8000-000000000001)
  made=$(call POST /v1/restaurants '{"name":"Annapurna","address":{"line":"1 Market Road","latitude":18.52,"longitude":73.85},
    "contact":{"phone":"+91 20"},"licenseNumber":"L1"}' | sed -n 's/.*"restaurantId":"\([^"]*\)".*/\1/p')
  caller=$(token ADMIN) call POST "/v1/admin/restaurants/$made/verification" '{"decision":"APPROVE"}' >"$folder/answer"
  menu=/v1/restaurants/$made/menu
  for ((i = 1; i <= items; i++)); do
    call POST "$menu/items" "{\"name\":\"Dish number $i\",\"description\":\"Crisp, with chutney and sambar, as it is made here since 1943\",
      \"category\":\"Category $((i % 8))\",\"type\":\"VEG\",\"price\":$((40 + i)).50,\"currency\":\"INR\"}" >"$folder/answer"
  done
}

start_nginx() {
  mkdir -p "$folder/www" "$folder/temp"
  curl --noproxy '*' -fsS "$url$menu" -H "Authorization: Bearer $owner" -o "$folder/www/menu.json"
  # Its workers give up root, and could not read the folder.
  local as_root=''
  [ "$(id -u)" != 0 ] || as_root='user root;'
  cat >"$folder/nginx.conf" <<CONF
daemon off;
$as_root
worker_processes auto;
pid $folder/nginx.pid;
error_log $folder/nginx.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  types { application/json json; }
  client_body_temp_path $folder/temp; proxy_temp_path $folder/temp; fastcgi_temp_path $folder/temp;
  uwsgi_temp_path $folder/temp; scgi_temp_path $folder/temp;
  server { listen 127.0.0.1:$nginx_port; root $folder/www; }
}
CONF
  setpriv --pdeathsig TERM nginx -c "$folder/nginx.conf" >"$folder/nginx.out" 2>&1 </dev/null &
  nginx=$!
  for _ in {1..50}; do
    ! curl --noproxy '*' -fs -o /dev/null "http://127.0.0.1:$nginx_port/menu.json" || return 0
    sleep 0.1
  done
  cat "$folder/nginx.log" "$folder/nginx.out" >&2
  die "nginx did not start"
}

etag_of() { curl --noproxy '*' -fsSI "$@" | tr -d '\r' | sed -n 's/^ETag: //Ip'; }
middle() { sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'; }

start_node
fill_menu
nginx_port=$((20000 + $$ % 20000))
start_nginx
file=http://127.0.0.1:$nginx_port/menu.json
note "a menu of $items items, $(stat -c %s "$folder/www/menu.json") bytes; 64 connections"
ours=$(etag_of "$url$menu" -H "Authorization: Bearer $owner") theirs=$(etag_of "$file")
for _ in 1 2 3; do
  rate "$file" >>"$folder/nginx-whole"
  rate "$url$menu" "Authorization: Bearer $owner" >>"$folder/node-whole"
  rate "$file" "If-None-Match: $theirs" >>"$folder/nginx-same"
  rate "$url$menu" "Authorization: Bearer $owner" "If-None-Match: $ours" >>"$folder/node-same"
done
for what in whole same; do
  echo "$what $(middle <"$folder/node-$what") $(middle <"$folder/nginx-$what")"
done | awk '
  BEGIN { printf "%-8s %12s %12s %8s\n", "read", "node/s", "nginx/s", "ratio" }
  { ratio[$1] = $2 / $3; node[$1] = $2; printf "%-8s %12.0f %12.0f %8.2f\n", $1, $2, $3, $2 / $3 }
  END {
    print "target: at least 0.4"
    printf "{\"bench\":\"menus\",\"per_second\":%.0f,\"ratio\":%.3f,\"ratio_unchanged\":%.3f}\n",
           node["whole"], ratio["whole"], ratio["same"]
  }'
