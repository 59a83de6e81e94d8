#!/usr/bin/env bash
# Lays out the C++ sources as .clang-format says.
#
# usage: scripts/format.sh [--check]     --check changes nothing and fails if something would change
set -euo pipefail
. "$(dirname "$0")/lib/say.sh"
cd "$scripts_folder/.."

options=(-i)
case ${1:-} in
  '') ;;
  --check) options=(--dry-run --Werror) ;;
  -h | --help) usage; exit ;;
  *) usage >&2; die "unknown option '$1'" ;;
esac

# Versions of clang-format disagree in details; this is Debian 12's.
program=$(command -v clang-format-14) || die "clang-format 14 is not installed" "apt-get install clang-format-14"
git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' |
  xargs -0 --no-run-if-empty "$program" --style=file "${options[@]}"
