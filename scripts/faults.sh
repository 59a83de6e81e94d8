#!/usr/bin/env bash
# The fault tests in their long form: real nodes, a real PostgreSQL, one fault after the other, and the checker at the end.
#
# usage: scripts/faults.sh [--only N]... [--minutes M]
#   --only N     only the fault of that number (the names of the tests in tests/faults say which); more than once is fine
#   --minutes M  how long each fault is repeated (default 1); with 0 each happens once or twice, as in the test suite
# Prints what was measured beside the target for every fault. The status is 0 only if all targets hold and the checker
# found nothing; what does not hold is listed at the end.
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"
. "$(dirname "$0")/lib/build.sh"
. "$(dirname "$0")/lib/ending.sh"
. "$(dirname "$0")/lib/postgres.sh"

all_faults=(1 2 3 4 5 6 7 8 9 10 12 13 14 17 18 19)
faults=() minutes=1
while [ $# -gt 0 ]; do
  case $1 in
    --only | --minutes) [ $# -ge 2 ] || die "$1 needs a value" ;;
    -h | --help) usage; exit ;;
    *) usage >&2; die "unknown argument '$1'" ;;
  esac
  case $1 in
    --only)
      [[ " ${all_faults[*]} " == *" $2 "* ]] || die "there is no test of fault '$2'" "there are: ${all_faults[*]}"
      faults+=("$2") ;;
    --minutes)
      [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "'$2' is no number of minutes"
      minutes=$2 ;;
  esac
  shift 2
done
[ ${#faults[@]} -gt 0 ] || faults=("${all_faults[@]}")

cd "$scripts_folder/.."
only_one faults # before at_end: what another run has started is not ours to stop
folder=''
at_end remove_remains

# A test that was killed may leave servers behind; all it makes is below its TMPDIR.
remove_remains() { [ -z "$folder" ] || pg_remove_below "$folder"; }

run_fault() {
  local fault=$1 log=build/faults/$1.log status=0
  step "fault $fault"
  TMPDIR=$folder DABBA_FAULT_FIGURES=$figures build/dev/bin/dabba-tests-faults "[fault-$fault]" >"$log" 2>&1 8>&- || status=$?
  case $status in
    0) ;;
    4) note "skipped: $(grep -m1 'needs a network namespace' "$log" || echo "see $log")" ;;
    *) failed+=("$fault"); note "failed: $log" ;;
  esac
}

print_figures() {
  printf '%5s  %-58s %12s %-4s %-10s %s\n' fault what measured '' target holds
  sort -s -n -k1,1 "$figures" | while IFS=$'\t' read -r fault what measured unit target holds; do
    printf '%5s  %-58s %12s %-4s %-10s %s\n' "$fault" "$what" "$measured" "$unit" "$target" "$holds"
  done
}

scripts/setup.sh run test
step "building"
build dev dabba-tests-faults
mkdir -p build/faults
folder=$(mktemp -d /tmp/dabba-faults.XXXXXX)
# The tests' PostgreSQL servers run as another user when we are root, and must get through here.
chmod 711 "$folder"
figures=$folder/figures
: >"$figures"
failed=()
case $minutes in 0 | 0.0) ;; *) export DABBA_FAULT_MINUTES=$minutes ;; esac
for fault in "${faults[@]}"; do run_fault "$fault"; done

step "figures"
print_figures
cp "$figures" build/faults/figures.tsv
missed=$(grep -c $'\tno$' "$figures" || true)
step "result"
[ ${#failed[@]} = 0 ] || note "failed: faults ${failed[*]}"
[ "$missed" = 0 ] || note "$missed figures miss their target"
if [ ${#failed[@]} = 0 ] && [ "$missed" = 0 ]; then note "all targets hold, and the checker found nothing"; else exit 1; fi
