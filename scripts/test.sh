#!/usr/bin/env bash
# Builds and runs every test, with a PostgreSQL of its own.
#
# usage: scripts/test.sh [--asan | --tsan | --all] [FILTER]
#   --asan   the same tests with AddressSanitizer and UndefinedBehaviorSanitizer
#   --tsan   the tests of actors and edge with ThreadSanitizer
#   --all    one after the other: plain, --asan, --tsan
#   FILTER   only tests whose name matches this regular expression
# Ends with ctest's closing line; the status is 0 only if every test passed.
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"
. "$(dirname "$0")/lib/build.sh"
. "$(dirname "$0")/lib/ending.sh"
. "$(dirname "$0")/lib/postgres.sh"

presets=(dev) filter=''
for argument in "$@"; do
  case $argument in
    --asan) presets=(asan) ;;
    --tsan) presets=(tsan) ;;
    --all) presets=(dev asan tsan) ;;
    -h | --help) usage; exit ;;
    -*) usage >&2; die "unknown option '$argument'" ;;
    *) [ -z "$filter" ] || die "one filter is enough: '$filter' or '$argument'"; filter=$argument ;;
  esac
done

# With more random address bits than this, programs built with sanitizers by GCC 12 crash at their start now and then.
if [ "${presets[*]}" != dev ] && [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)" -gt 28 ] &&
  [ -z "${DABBA_FIXED_ADDRESSES:-}" ] && setarch "$(uname -m)" -R true 2>/dev/null; then
  DABBA_FIXED_ADDRESSES=1 exec setarch "$(uname -m)" -R "$0" "$@"
fi

cd "$scripts_folder/.."
only_one test # before at_end: what another run has started is not ours to stop
database_folder=$(pg_home test)
at_end remove_remains

# A test that was killed may leave servers of its own behind; all it makes is below its TMPDIR.
remove_remains() {
  local folder
  for folder in "$database_folder" "$(cat .dabba/test-folder 2>/dev/null || true)"; do
    [ -z "$folder" ] || pg_remove_below "$folder"
  done
  rm -f .dabba/test-folder
}

# Before the build, because finding the tests of a program runs it.
sanitizer_options() {
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
  export TSAN_OPTIONS=second_deadlock_stack=1:history_size=4
}

closing_lines=() failed=''
run_preset() {
  local preset=$1 log=build/$1-tests.log options=(--no-tests=error --timeout 300 --parallel 2)
  step "building the tests ($preset)"
  build "$preset" all
  [ "$preset" != tsan ] || options+=(--label-regex 'actors|edge')
  [ -z "$filter" ] || options+=(--tests-regex "$filter")
  step "running the tests ($preset)"
  TMPDIR=$test_folder ctest --preset "$preset" "${options[@]}" 2>&1 8>&- | tee "$log" || failed=yes
  closing_lines+=("$(grep -E 'tests passed, [0-9]+ tests failed out of' "$log" || echo "$preset: ctest ran no test")")
  step "the slowest of them"
  sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: (.*) \.+[ *]*[A-Z][A-Za-z ]* ([0-9.]+) sec.*/\2 s  \1/p' "$log" |
    sort -rn | sed -n '1,5p' | while IFS= read -r line; do note "$line"; done
}

parts=(run test)
[[ " ${presets[*]} " != *' tsan '* ]] || parts+=(tsan)
scripts/setup.sh "${parts[@]}"
remove_remains
test_folder=$(mktemp -d /tmp/dabba-test.XXXXXX)
# The tests' own PostgreSQL servers run as another user when we are root, and must get through here.
chmod 711 "$test_folder"
echo "$test_folder" >.dabba/test-folder
pg_start "$database_folder" 8>&-
DABBA_TEST_DATABASE=$(pg_url "$database_folder")
export DABBA_TEST_DATABASE
if [ -d ../shared/data/mdrp ]; then
  DABBA_MDRP=$(realpath ../shared/data/mdrp)
  export DABBA_MDRP
fi
sanitizer_options
for preset in "${presets[@]}"; do run_preset "$preset"; done

step "result"
for i in "${!presets[@]}"; do
  [ ${#presets[@]} = 1 ] || note "${presets[i]}: ${closing_lines[i]}"
done
[ -z "$failed" ] || note "the output of the failed tests is above, and in build/*-tests.log"
printf '%s\n' "${closing_lines[@]}" | sort -n | sed -n 1p
[ -z "$failed" ]
