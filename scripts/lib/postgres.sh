# A private PostgreSQL 15: started and stopped by our scripts and tests, apart from any other server of the machine.
# Sourced after say.sh, never run; scripts/postgres.sh makes a program of it.
#
# An instance is a folder:
#   data/      PostgreSQL's data directory; its unix socket lies in it too
#   port       the TCP port on 127.0.0.1, the same from start to start unless somebody else has taken it
#   passfile   the password of the superuser dabba, in libpq's form, mode 0600
#   log        what the server said since its last start; log.old is the start before
#   lock       held by the script that is starting or stopping the server
#
# A password, not "trust": a PostgreSQL superuser can run programs as the server's user, and loopback is open to every
# user of the machine. It stands in a passfile and not in the URL because URLs end up in process lists and logs.

# pg_home NAME: the folder of this checkout's instance NAME. Root's server runs as another user, who may not be able to
# reach a checkout (below /root, say), so root's instances live in /var/lib.
pg_home() {
  local checkout=${scripts_folder:?say.sh comes first}
  checkout=${checkout%/scripts}
  if [ -n "${DABBA_PGDATA:-}" ]; then echo "$DABBA_PGDATA/$1"
  elif [ "$(id -u)" = 0 ]; then
    echo "/var/lib/dabba/$(basename "$checkout")-$(printf %s "$checkout" | sha256sum | cut -c1-8)/$1"
  else echo "$checkout/.dabba/postgres/$1"
  fi
}

# pg_start DIR [PORT]: makes the instance if there is none and starts it; one that runs already is used as it is.
pg_start() {
  local dir=$1 port=${2:-}
  pg_claim_folder "$dir"
  (
    flock -w 120 9 || die "another script has been starting or stopping $dir for two minutes"
    if pg_pid "$dir" >/dev/null; then
      [ -z "$port" ] || [ "$port" = "$(cat "$dir/port")" ] ||
        die "the server of $dir runs already, on port $(cat "$dir/port")" "stop it first: scripts/postgres.sh stop --data $dir"
      pg_wait_ready "$dir"
    else
      [ -d "$dir/data" ] || pg_create "$dir"
      pg_clear_remains "$dir"
      pg_settings | pg_write "$dir/data/postgresql.conf"
      pg_launch "$dir" "$port"
    fi
  ) 9>"$dir/lock" || exit 1
}

# pg_standby DIR OTHER: makes a copy of the running server of OTHER that goes on copying what is written there, and starts
# it. It has the other's passfile, since it has its users.
pg_standby() {
  local dir=$1 of
  of=$(realpath "$2")
  pg_claim_folder "$dir"
  (
    flock -w 120 9 || die "another script has been starting or stopping $dir for two minutes"
    [ ! -d "$dir/data" ] || die "there is a server in $dir already" "name a new folder"
    rm -rf "$dir/data.new"
    pg_run "$dir" pg_basebackup -d "$(pg_url "$of")" -D "$dir/data.new" -R -X stream -c fast 2>&1 9>&- |
      pg_write "$dir/basebackup.log" ||
      { tail -n 10 "$dir/basebackup.log" >&2; die "the server of $of can't be copied"; }
    pg_write "$dir/passfile" <"$of/passfile"
    mv "$dir/data.new" "$dir/data"
    pg_settings | pg_write "$dir/data/postgresql.conf"
    pg_launch "$dir" ''
  ) 9>"$dir/lock" || exit 1
}

# pg_stop DIR [smart|fast|immediate]: `immediate` leaves what a crash leaves, for the next start to recover.
pg_stop() {
  local dir=$1 mode=${2:-fast}
  [ -d "$dir/data" ] || return 0
  (
    flock -w 120 9 || die "another script has been starting or stopping $dir for two minutes"
    pg_pid "$dir" >/dev/null || exit 0
    pg_run "$dir" pg_ctl stop -s -w -t 60 -D "$dir/data" -m "$mode" 9>&- ||
      pg_run "$dir" pg_ctl stop -s -w -t 10 -D "$dir/data" -m immediate 9>&- || die "the server of $dir does not stop"
  ) 9>"$dir/lock"
}

# pg_kill DIR: SIGKILL for the server and all its processes, as when the machine loses power.
pg_kill() {
  local dir=$1 pid children=()
  pid=$(pg_pid "$dir") || return 0
  read -ra children <"/proc/$pid/task/$pid/children" || true
  kill -KILL "$pid" "${children[@]}" 2>/dev/null || true
  pg_clear_remains "$dir"
}

# pg_pid DIR: prints the server's process id, or fails when none runs. The pid file alone proves nothing: after a crash
# its number may belong to anybody.
pg_pid() {
  local pid
  read -r pid 2>/dev/null <"$1/data/postmaster.pid" || return 1
  [[ $(readlink "/proc/$pid/cwd") == "$(realpath "$1/data")" && $(readlink "/proc/$pid/exe") == */postgres* ]] || return 1
  echo "$pid"
}

# pg_url DIR [DATABASE]: the URL for libpq. It holds no secret.
pg_url() {
  local dir passfile
  dir=$(realpath "$1")
  [ -r "$dir/passfile" ] && [ -r "$dir/port" ] || die "$dir is no PostgreSQL instance of ours" "start it first"
  passfile=$dir/passfile
  if [[ $passfile == *[!A-Za-z0-9/._~-]* ]]; then
    passfile=$(printf %s "$passfile" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%')
  fi
  echo "postgresql://dabba@127.0.0.1:$(cat "$dir/port")/${2:-postgres}?passfile=$passfile"
}

# pg_fresh_database DIR NAME: an empty database, whatever was in it before.
pg_fresh_database() {
  "$(pg_program psql)" -X -q -v ON_ERROR_STOP=1 -d "$(pg_url "$1")" -c 'set client_min_messages = warning' \
    -c "drop database if exists \"$2\" with (force)" -c "create database \"$2\""
}

# pg_remove_below DIR: deletes the folder DIR with every instance in it, whose servers are killed first.
pg_remove_below() {
  local pid_file
  [ -d "$1" ] || return 0
  while IFS= read -r pid_file; do
    pg_kill "${pid_file%/data/postmaster.pid}"
  done < <(find "$1" -path '*/data/postmaster.pid')
  rm -rf "$1"
}

# Below here: the parts of the above.

pg_settings() {
  cat <<'END'
# Written at every start by scripts/lib/postgres.sh; change it there.
listen_addresses = '127.0.0.1'
unix_socket_directories = '.'
max_connections = 200
shared_buffers = 256MB

# What a production server runs with: an acknowledged commit is on the disk.
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
max_wal_size = 2GB
min_wal_size = 256MB
checkpoint_timeout = 10min

# All our statements are short: compiling them costs more than it saves.
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %d '
log_lock_waits = on
END
}

pg_program() {
  local candidate
  for candidate in "${DABBA_PGBIN:-}" /usr/lib/postgresql/15/bin; do
    [ ! -x "$candidate/$1" ] || { echo "$candidate/$1"; return; }
  done
  command -v "$1" || die "PostgreSQL 15's $1 was not found" "run scripts/setup.sh, or name its folder in DABBA_PGBIN"
}

# pg_run DIR PROGRAM ARGUMENT...: as the user the instance belongs to, in a folder that user can surely enter.
pg_run() {
  local dir=$1 program=$2 owner as=()
  shift 2
  [[ $program == /* ]] || program=$(pg_program "$program")
  if [ "$(id -u)" = 0 ]; then
    owner=$(stat -c %U "$dir")
    as=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --init-groups --)
  fi
  (cd / && LC_ALL=C.UTF-8 exec "${as[@]}" "$program" "$@")
}

# Standard input into a file of the instance that only its user (and root) can read.
pg_write() { # FILE
  local dir=${1%/*}
  pg_run "$dir" /bin/sh -c 'umask 077; cat >"$1"' sh "$1"
}

# Makes the folder and sees to it that the server's user owns and reaches it.
pg_claim_folder() {
  local dir=$1 made=
  [ ! -e "$dir" ] || [ -e "$dir/lock" ] || [ -z "$(ls -A "$dir")" ] ||
    die "$dir holds something else than a PostgreSQL instance of ours" "name an empty folder, or one that does not exist"
  [ -d "$dir" ] || made=1
  (umask 022 && mkdir -p "$dir") || die "the folder $dir can't be made"
  if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    id postgres >/dev/null 2>&1 || die "there is no user postgres to run PostgreSQL as" "run scripts/setup.sh first"
    [ "$(stat -c %U "$dir")" != root ] || chown postgres: "$dir"
  fi
  pg_run "$dir" /bin/sh -c 'cd "$1"' sh "$dir" 2>/dev/null || {
    [ -z "$made" ] || rmdir "$dir"
    die "PostgreSQL is to run as another user than root, and that user can't enter $dir" \
        "name a folder elsewhere, for example below /var/lib/dabba"
  }
}

# The data directory gets its name last, so that a set-up cut short leaves nothing that looks whole.
pg_create() {
  local dir=$1 password
  password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
  rm -rf "$dir/data.new"
  pg_write "$dir/password" <<<"$password"
  pg_run "$dir" initdb -D "$dir/data.new" --username=dabba --pwfile="$dir/password" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --data-checksums 2>&1 9>&- | pg_write "$dir/initdb.log" ||
    { tail -n 10 "$dir/initdb.log" >&2; die "PostgreSQL's initdb failed in $dir"; }
  pg_write "$dir/passfile" <<<"127.0.0.1:*:*:dabba:$password"
  rm -f "$dir/password"
  mv "$dir/data.new" "$dir/data"
}

# Processes that outlived a killed server hold its shared memory and would keep a new one from starting; once they are
# gone, its pid file and socket are stale for certain, whoever may have their process id by now.
pg_clear_remains() {
  local dir=$1 data path left _
  [ -e "$dir/data/postmaster.pid" ] || return 0
  data=$(realpath "$dir/data")
  for _ in {1..100}; do
    left=()
    while read -r path; do
      [[ $(readlink "${path%/cwd}/exe") != */postgres* ]] || left+=("$(basename "${path%/cwd}")")
    done < <(find /proc/[0-9]*/cwd -maxdepth 0 -printf '%l\t%p\n' 2>/dev/null |
      awk -F'\t' -v data="$data" '$1 == data { print $2 }')
    [ ${#left[@]} -gt 0 ] || { rm -f "$dir/data/postmaster.pid" "$dir"/data/.s.PGSQL.*; return 0; }
    kill -KILL "${left[@]}" 2>/dev/null || true
    sleep 0.1
  done
  die "processes of a killed PostgreSQL in $dir do not end: ${left[*]}"
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range from which the kernel takes ports for outgoing connections.
pg_free_port() {
  local port _
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 10000))
    port_is_taken "$port" || { echo "$port"; return; }
  done
  die "no free port between 20000 and 29999 on 127.0.0.1"
}

pg_launch() {
  local dir=$1 asked=$2 port _
  [ -z "$asked" ] || ! port_is_taken "$asked" || die "port $asked is taken by another program" "name another one"
  port=$asked
  [ -n "$port" ] || port=$(cat "$dir/port" 2>/dev/null) || true
  [ ! -e "$dir/log" ] || mv "$dir/log" "$dir/log.old"
  for _ in {1..5}; do
    [ -n "$port" ] || port=$(pg_free_port)
    pg_write "$dir/port" <<<"$port"
    ! pg_run "$dir" pg_ctl start -s -w -t 120 -D "$dir/data" -l "$dir/log" -o "-p $port" >/dev/null 2>&1 9>&- || return 0
    # Somebody may have taken the port since we looked, or since the last start.
    [ -z "$asked" ] && grep -q 'could not bind' "$dir/log" 2>/dev/null || break
    port=
  done
  tail -n 15 "$dir/log" >&2
  die "PostgreSQL did not start" "its log is $dir/log"
}

pg_wait_ready() {
  local dir=$1 _
  for _ in {1..600}; do
    ! pg_run "$dir" pg_isready -q -h 127.0.0.1 -p "$(cat "$dir/port")" || return 0
    sleep 0.1
  done
  die "the PostgreSQL that runs in $dir takes no connections" "its log is $dir/log"
}
