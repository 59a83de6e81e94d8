#!/usr/bin/env bash
# A throw-away or lasting PostgreSQL for tests and developers, in a folder of its own.
#
# usage: scripts/postgres.sh start   --data DIR [--port N]      starts it if need be, prints its URL
#        scripts/postgres.sh stop    --data DIR [-m immediate]  `immediate` is a crash as far as the data can tell
#        scripts/postgres.sh restart --data DIR [-m immediate]  stop and start, on the same port
#        scripts/postgres.sh kill    --data DIR                 SIGKILL for all its processes
#        scripts/postgres.sh standby --data DIR --of OTHER      a streaming copy of the server in OTHER; prints its URL
#        scripts/postgres.sh url     --data DIR [--database NAME]
#        scripts/postgres.sh remove  --data DIR                 stops it and deletes the folder
# DIR must be empty, new, or made by this script. The URL's user dabba is a superuser.
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"
. "$(dirname "$0")/lib/postgres.sh"

action=${1:-}
[ $# -eq 0 ] || shift
dir='' port='' of='' mode=fast database=postgres
while [ $# -gt 0 ]; do
  case $1 in
    --data | --port | --of | -m | --database) [ $# -ge 2 ] || die "$1 needs a value" ;;
    *) usage >&2; die "unknown argument '$1'" ;;
  esac
  case $1 in
    --data) dir=$2 ;;
    --port) port=$2 ;;
    --of) of=$2 ;;
    -m) mode=$2 ;;
    --database) database=$2 ;;
  esac
  shift 2
done
case $action in
  start | stop | restart | kill | standby | url | remove) ;;
  help | -h | --help) usage; exit ;;
  *) usage >&2; die "unknown action '$action'" ;;
esac
[ -n "$dir" ] || die "--data DIR is missing"
[[ $mode =~ ^(smart|fast|immediate)$ ]] || die "-m knows smart, fast and immediate, not '$mode'"
[[ $dir == /* ]] || dir=$PWD/$dir

case $action in
  start) pg_start "$dir" "$port"; pg_url "$dir" ;;
  stop) pg_stop "$dir" "$mode" ;;
  restart) pg_stop "$dir" "$mode"; pg_start "$dir" "$port"; pg_url "$dir" ;;
  kill) pg_kill "$dir" ;;
  standby)
    [ -n "$of" ] || die "--of OTHER is missing"
    pg_standby "$dir" "$of"; pg_url "$dir" ;;
  url) pg_url "$dir" "$database" ;;
  remove)
    [ ! -e "$dir" ] || [ -e "$dir/lock" ] || die "$dir is no PostgreSQL instance of ours; it is left alone"
    pg_stop "$dir" immediate
    rm -rf "$dir" ;;
esac
