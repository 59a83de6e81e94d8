# How the scripts build. Sourced after say.sh, never run.

# build PRESET TARGET...: configures where needed and builds, with progress; the output goes to build/PRESET.log.
build() {
  local preset=$1
  shift
  mkdir -p build
  # Ninja configures again by itself when a CMakeLists.txt changes, but does not know of the presets.
  if [ ! -e "build/$preset/build.ninja" ] || [ CMakePresets.json -nt "build/$preset/build.ninja" ]; then
    quietly "configuring $preset" "build/$preset.log" \
      cmake --preset "$preset" -DDABBA_DEPS="${DABBA_DEPS:-/opt/dabba}"
  fi
  quietly "building $preset" "build/$preset.log" env NINJA_STATUS='[%f/%t] ' \
    cmake --build --preset "$preset" --parallel "$(build_jobs)" --target "$@"
}

# One compiler per core, as far as there is memory for them: the largest of our sources take about 1.5 GB.
build_jobs() {
  awk -v cores="$(nproc)" '/^MemAvailable:/ { jobs = int($2 / 1.5e6) }
    END { if (jobs < 1) jobs = 1; print jobs < cores ? jobs : cores }' /proc/meminfo
}
