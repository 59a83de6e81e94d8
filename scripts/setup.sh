#!/usr/bin/env bash
# Installs what a fresh Debian 12 lacks to build and run Dabba: packages, CAF 0.18.7 built from Debian's own source
# archive, and, where there is npm, Swagger UI for the page at /docs. Safe to run again: what is there already is left
# alone, and nothing is changed in the machine's package sources.
#
# usage: scripts/setup.sh [run|cluster|test|tsan|bench]...      (default: run)
# DABBA_DEPS names the folder CAF and Swagger UI are installed in (default /opt/dabba).
# DABBA_NO_SETUP=1 leaves the machine as it is: for systems other than Debian 12, where you install what this script
# names, and CMake finds it where it finds things.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/say.sh

deps=${DABBA_DEPS:-/opt/dabba}
caf_version=0.18.7
caf_sha256=d5c3abe8fd67a729aab1baeece10367637d903ba335f4c79378bcadfbcd34552
caf_flavours=(release)
swagger_ui_version=5.35.0
swagger_ui_sha256=1b8e891893404ea4c3558b6a87e2a3e494e7eedba41168c2ece5800a391a6ea6

packages_run=(ca-certificates g++ cmake ninja-build ccache pkg-config curl python3 python3-yaml
  libboost1.81-dev nlohmann-json3-dev libpq-dev postgresql-15 libcjose-dev libjansson-dev libsodium-dev libssl-dev libs2-dev
  libexpected-dev libspdlog-dev libfmt-dev libtomlplusplus-dev libcli11-dev
  libjemalloc-dev libcurl4-openssl-dev libhowardhinnant-date-dev tzdata)
# prometheus: for promtool, which tests the alerts.
packages_test=(librapidcheck-dev chromium chromium-driver iproute2 prometheus)
# For the checks by programs that are not ours; other packages of Node.js than Debian's bring npm with them.
command -v npm >/dev/null || packages_test+=(nodejs npm)
# The proxy before several nodes.
packages_cluster=(haproxy)
# Holds Redis' server, too: the package redis-server would add a service that listens on the machine. nginx would do so
# as well, but for the policy below.
packages_bench=(redis-tools nginx-light wrk iproute2)

[ -z "${DABBA_NO_SETUP:-}" ] || exit 0
wanted=("${packages_run[@]}")
backports=()
for part in "${@:-run}"; do
  case $part in
    run) ;;
    cluster) wanted+=("${packages_cluster[@]}") ;;
    test) wanted+=("${packages_test[@]}"); backports=(catch2 libcatch2-dev) ;;
    tsan) caf_flavours+=(tsan) ;;
    bench) wanted+=("${packages_bench[@]}") ;;
    -h | --help) usage; exit ;;
    *) usage >&2; die "unknown part '$part'" ;;
  esac
done

scratch=$(mktemp -d)
made_for_install=()
trap clean_up EXIT

clean_up() {
  rm -rf "$scratch"
  [ ${#made_for_install[@]} = 0 ] || as_root rm -f "${made_for_install[@]}"
}

# missing_packages NAME...: those that are not installed.
missing_packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '$1 == "installed" { have[$2] } END { n = split(wanted, w, " ")
      for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }'
}

# require_debian WHAT: ends with a message if we can't install WHAT on this machine.
require_debian() {
  grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release && command -v apt-get >/dev/null ||
    die "this machine lacks: $*" "only Debian 12 is set up by itself; elsewhere install them and set DABBA_NO_SETUP=1"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "this machine lacks: $*" "to have them installed run this as root, or as a user who may use sudo"
}

# Reports its progress on standard output, by a descriptor of its own: packages' scripts do not inherit that one, and
# sudo closes all but the standard ones.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive sh -c 'exec apt-get "$@" 3>&1' sh \
    -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 -o APT::Status-Fd=3 "$@"
}

install_packages() {
  local missing=() no_cluster=/etc/postgresql-common/createcluster.d/dabba.conf no_service=/usr/sbin/policy-rc.d
  mapfile -t missing < <(missing_packages "${wanted[@]}" || true)
  [ ${#missing[@]} -gt 0 ] || return 0
  require_debian "the packages ${missing[*]}"
  step "installing ${#missing[@]} packages: ${missing[*]}"
  quietly "reading the package lists" "$scratch/update.log" apt_get update
  # The PostgreSQL we start is our own; the package must not make and start another while we install it.
  made_for_install+=("$no_cluster")
  as_root mkdir -p "${no_cluster%/*}"
  echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
  # Nor do we want a proxy that runs as a service.
  if [ ! -e "$no_service" ]; then
    made_for_install+=("$no_service")
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$no_service"
  fi
  quietly "packages" "$scratch/install.log" \
    apt_get install --no-install-recommends "${missing[@]}"
  as_root rm -f "${made_for_install[@]}"
  made_for_install=()
}

debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)|$(ORIGIN)|$(CODENAME)' 'Created-By: Packages' |
    awk -F'|' '$2 == "Debian" && $3 == "bookworm" && !seen { print $1; seen = 1 }'
}

# with_suite SUITE deb|deb-src DIR: a private apt state in DIR that knows one more suite of the mirror this machine uses
# already; for apt-get "${suite_options[@]}" ...
with_suite() {
  local suite=$1 kind=$2 dir=$3 uri
  uri=$(debian_mirror)
  if [ -z "$uri" ]; then
    # Images are often stripped of the package lists, which name the origins.
    quietly "reading the package lists" "$scratch/update.log" apt_get update
    uri=$(debian_mirror)
  fi
  [ -n "$uri" ] || die "this machine's package sources name no mirror of Debian 12" "see /etc/apt/sources.list"
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
  echo "$kind $uri $suite main" >"$dir/sources.list"
  suite_options=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$dir/lists"
    -o "Dir::Cache=$dir/cache" -o APT::Sandbox::User=root)
  apt-get -qq "${suite_options[@]}" update >"$dir/update.log" 2>&1 ||
    { cat "$dir/update.log" >&2; die "the suite $suite can't be read from $uri" "does the mirror carry it?"; }
}

# In Debian 12 itself Catch2 is version 2, a single header that is slow to compile.
install_backports() {
  local p dir=$scratch/backports wanted_now=()
  for p in "${backports[@]}"; do
    [[ $(dpkg-query -W -f '${Version}' "$p" 2>/dev/null) == 3.* ]] || wanted_now+=("$p")
  done
  [ ${#wanted_now[@]} -gt 0 ] || return 0
  require_debian "the packages ${wanted_now[*]} in version 3"
  step "installing ${wanted_now[*]} 3 from bookworm-backports"
  with_suite bookworm-backports deb "$dir"
  for p in "${wanted_now[@]}"; do
    (cd "$dir" && apt-get -qq "${suite_options[@]}" download "$p/bookworm-backports" >download.log 2>&1) ||
      { cat "$dir/download.log" >&2; die "$p could not be fetched from bookworm-backports"; }
  done
  quietly "installing ${wanted_now[*]}" "$scratch/backports.log" as_root dpkg -i "$dir"/*.deb
}

# Downloads CAF's source archive from Debian's experimental suite and unpacks it to $scratch/caf.
fetch_caf() {
  local dir=$scratch/experimental archive
  [ ! -d "$scratch/caf" ] || return 0
  with_suite experimental deb-src "$dir"
  (cd "$dir" && apt-get -qq "${suite_options[@]}" source --tar-only --download-only \
    "actor-framework=$caf_version-1~exp1" >source.log 2>&1) ||
    { cat "$dir/source.log" >&2; die "CAF's source archive could not be fetched"; }
  archive=$(ls "$dir"/actor-framework_*.orig.tar.*)
  echo "$caf_sha256  $archive" | sha256sum --check --quiet ||
    die "CAF's source archive has another checksum than expected" "nothing was installed; try another mirror"
  mkdir "$scratch/caf"
  tar -xf "$archive" -C "$scratch/caf" --strip-components=1
}

install_caf() {
  local flavour=$1 prefix=$deps/caf-$caf_version build=$scratch/build-$1 flags=-Wno-deprecated-declarations
  [ "$flavour" = release ] || prefix+=-$flavour
  [ ! -e "$prefix/complete" ] || return 0
  require_debian "CAF $caf_version ($flavour) in $prefix"
  step "building CAF $caf_version ($flavour) into $prefix: once per machine, about two minutes on two cores"
  fetch_caf
  [ "$flavour" != tsan ] || flags+=' -fsanitize=thread -g1'
  quietly "configuring CAF" "$scratch/configure.log" \
    cmake -S "$scratch/caf" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCAF_ENABLE_TESTING=OFF -DCAF_ENABLE_TOOLS=OFF -DCAF_ENABLE_EXAMPLES=OFF \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_FLAGS="$flags"
  quietly "CAF" "$scratch/build.log" env NINJA_STATUS='[%f/%t] ' ninja -C "$build"
  quietly "installing CAF" "$scratch/caf-install.log" as_root cmake --install "$build"
  as_root touch "$prefix/complete"
}

# An asset for people: without npm, or when it can't be fetched, a node says at /docs that it is not there.
install_swagger_ui() {
  local folder=$deps/swagger-ui archive=$scratch/swagger-ui-dist-$swagger_ui_version.tgz
  [ "$(cat "$folder/version" 2>/dev/null)" != "$swagger_ui_version" ] || return 0
  command -v npm >/dev/null || return 0
  step "installing Swagger UI $swagger_ui_version into $folder"
  (cd "$scratch" && npm pack --silent --prefer-offline "swagger-ui-dist@$swagger_ui_version" >swagger-ui.log 2>&1) ||
    { tail -n 5 "$scratch/swagger-ui.log" >&2; note "it could not be fetched: there will be no /docs"; return 0; }
  echo "$swagger_ui_sha256  $archive" | sha256sum --check --quiet ||
    die "Swagger UI's archive has another checksum than expected" "nothing was installed"
  as_root mkdir -p "$folder"
  as_root tar -xzf "$archive" -C "$folder" --strip-components=1 --no-same-owner \
    package/{LICENSE,NOTICE,swagger-ui.css,swagger-ui-bundle.js,swagger-ui-bundle.js.LICENSE.txt}
  echo "$swagger_ui_version" | as_root tee "$folder/version" >/dev/null
}

install_packages
install_backports
install_swagger_ui
for flavour in "${caf_flavours[@]}"; do install_caf "$flavour"; done
