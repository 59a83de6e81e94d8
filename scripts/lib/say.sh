# What the scripts print, and how they end when something is missing. Sourced, never run.

if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; else bold='' plain=''; fi
if [ -t 2 ]; then red=$'\033[31m' unred=$'\033[0m'; else red='' unred=''; fi

step() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
note() { printf '    %s\n' "$*"; }

# die MESSAGE [HOW TO MEND IT]
die() {
  printf '%serror:%s %s\n' "$red" "$unred" "$1" >&2
  [ $# -lt 2 ] || printf '       %s\n' "$2" >&2
  exit 1
}

scripts_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Prints what the opening comment of the running script says after its first blank line.
usage() { sed -n '/^#$/,/^[^#]/{/^#$/d; s/^# //p}' "$scripts_folder/$(basename "$0")"; }

# as_root COMMAND...: as it is when we are root, else through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# only_one NAME: ends the script when scripts/NAME.sh is at work in this checkout already. The lock is file descriptor
# 8; long-lived children must not inherit it (8>&-), or it would outlive the script.
only_one() {
  mkdir -p .dabba
  exec 8>".dabba/$1.lock"
  flock -n 8 || die "scripts/$1.sh is at work in this checkout already" "wait for it, or stop it"
}

# quietly WHAT LOG COMMAND...: the command's output goes to the file LOG; shown are its progress and, if it fails, what
# is likely to say why.
quietly() {
  local what=$1 log=$2
  shift 2
  "$@" 2>&1 | tee "$log" | progress "$what" || {
    if grep -q '^FAILED: ' "$log"; then sed -n '/^FAILED: /,$p' "$log" | sed -n '1,60p' >&2
    else grep -v -E '^(pm|dl)status:' "$log" | tail -n 30 >&2
    fi
    die "$what failed" "the lines above say why$([[ $log == /* ]] || echo "; the whole log is $log")"
  }
}

# Shows how far the command is whose output comes in: ninja's "[done/all]" lines, apt's "dlstatus:…:percent:" ones.
# One moving line on a terminal, elsewhere a line for every fifth of the way.
progress() {
  local what=$1 line percent shown=0 stage=''
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then percent=$((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
    elif [[ $line =~ ^(dl|pm)status:[^:]*:([0-9]+) ]]; then
      percent=${BASH_REMATCH[2]}
      [ "${BASH_REMATCH[1]}" = "$stage" ] || shown=0
      stage=${BASH_REMATCH[1]}
    else continue
    fi
    if [ -t 1 ]; then printf '\r    %s: %3d %%' "$what" "$percent"
    elif [ $((percent / 20)) -gt $((shown / 20)) ]; then note "$what: $percent %"
    fi
    shown=$percent
  done
  [ ! -t 1 ] || printf '\r\033[K'
}
