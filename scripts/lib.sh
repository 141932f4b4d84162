# shellcheck shell=bash
# What scripts/run, scripts/test and scripts/bench share. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
TOOLS=$ROOT/.build-tools
mkdir -p "$TOOLS"
cd "$ROOT" || exit 1

# The toolchain's own libraries come first: without them even `swift --version` does not start.
TOOLCHAIN_PACKAGES=(
  libncurses6 libtinfo6 libcurl4 libxml2 libsqlite3-0 libedit2 libstdc++6 tzdata zlib1g
  binutils gcc g++ libc6-dev libstdc++-12-dev zlib1g-dev
)
BUILD_PACKAGES=(ca-certificates git pkg-config libpq-dev libargon2-dev libsqlite3-dev)
MINIMUM_SWIFT=6.2

say() { printf '%s\n' "$*"; }
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

is_debian_12() {
  [[ -r /etc/os-release ]] && (
    # shellcheck source=/dev/null
    . /etc/os-release && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]
  )
}

missing_packages() {
  local package status
  for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | head -n 1)
    [[ $status == installed ]] || printf '%s\n' "$package"
  done
}

# Installs what is missing of the named Debian packages; says nothing when nothing is.
need_packages() {
  if ! is_debian_12; then
    pkg-config --exists libpq libargon2 sqlite3 2>/dev/null ||
      say "This is not Debian 12, so nothing is installed. Needed here is what corresponds to" \
        "these Debian packages: $*"
    return 0
  fi

  local missing as_root=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "Missing Debian packages, and neither root nor sudo to" \
      "install them. As root: apt-get update && apt-get install -y ${missing[*]}"
    as_root=(sudo)
  fi

  say "Installing Debian packages: ${missing[*]}"
  local log=$TOOLS/apt.log
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  # A foreign source that can't be reached must not stop us: the installation below decides.
  "${apt[@]}" update >"$log" 2>&1 || say "apt-get update had errors (see $log); trying on."
  if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null
  then
    grep '^E: ' "$log" >&2 || tail -n 15 "$log" >&2
    die "Installing Debian packages failed; the whole output is in $log"
  fi
  end_services "${missing[@]}" >>"$log" 2>&1
}

# Debian starts what it installs; the tests start their own, so these must hold no port.
end_services() {
  local package
  [[ -d /run/systemd/system ]] || return 0
  for package in "$@"; do
    [[ $package != prometheus* ]] || "${as_root[@]}" systemctl disable --now "$package" || true
  done
}

# Prints every `swift` that might be a toolchain, the one on PATH first.
swift_candidates() {
  local candidate
  type -aP swift
  for candidate in /opt/swift/usr/bin/swift /opt/swift*/usr/bin/swift \
    /usr/libexec/swift/bin/swift /usr/libexec/swift/*/bin/swift \
    /usr/local/swift/usr/bin/swift /usr/share/swift/usr/bin/swift \
    "${HOME:-/root}"/.local/share/swiftly/bin/swift; do
    [[ -x $candidate ]] && printf '%s\n' "$candidate"
  done
}

# Puts the first new enough toolchain first on PATH. Otherwise returns 1, or 2 when one does not
# start (its libraries may be missing), with the reason in SWIFT_PROBLEM.
find_swift() {
  local candidate answer version result=1 found=''
  while read -r candidate; do
    if ! answer=$("$candidate" --version 2>&1 </dev/null); then
      found+=" $candidate does not start (${answer%%$'\n'*});"
      result=2
      continue
    fi
    version=$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+(\.[0-9]+)?).*/\1/p' <<<"$answer" | head -n 1)
    if [[ -z $version ]]; then
      found+=" $candidate is not a Swift compiler;"
    elif [[ $(printf '%s\n' "$MINIMUM_SWIFT" "$version" | sort -V | head -n 1) == "$MINIMUM_SWIFT" ]]
    then
      PATH=$(dirname "$candidate"):$PATH
      export PATH
      return 0
    else
      found+=" $candidate is Swift $version;"
    fi
  done < <(swift_candidates)
  SWIFT_PROBLEM=${found:- there is none here;}
  return "$result"
}

require_swift() {
  die "BabyHelm is built with Swift $MINIMUM_SWIFT or newer, but${SWIFT_PROBLEM%;}. Install it" \
    "from https://www.swift.org/install/linux/debian/12, or build the container image as" \
    "deploy/README.md says."
}

# Packages and toolchain; further package names as arguments. A toolchain that is missing or too
# old is told before anything is installed.
prepare() {
  find_swift
  (($? == 1)) && require_swift
  need_packages "${TOOLCHAIN_PACKAGES[@]}" "${BUILD_PACKAGES[@]}" "$@"
  find_swift || require_swift
}

duration() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# Shows a build's output as one line that changes (terminal) or a line every ten seconds.
show_progress() {
  local line='' part='' last='' started=$SECONDS shown=$SECONDS status
  local width=$((${COLUMNS:-$(tput cols 2>/dev/null || echo 80)} - 1))
  while true; do
    IFS= read -r -t 5 part
    status=$?
    line+=$part
    if ((status == 0)); then
      # Steps and fetches, not the source excerpts under a warning.
      [[ $line =~ ^(\[[0-9]|[A-Z][a-z]+(ing|ed)\ ) ]] && last=$line
      line=''
    elif ((status <= 128)); then
      break # end of input; above 128 only the time ran out
    fi
    if [[ -t 1 ]]; then
      printf '\r\033[K%.*s' "$width" "$(duration $((SECONDS - started))) $last"
    elif ((SECONDS - shown >= 10)); then
      shown=$SECONDS
      say "  $(duration $((SECONDS - started))) $last"
    fi
  done
  [[ -t 1 ]] && printf '\r\033[K'
  return 0
}

# swift_build LOG ARGUMENTS…: builds with progress; on failure shows the errors and returns 1.
swift_build() {
  local log=$1 started=$SECONDS
  shift
  if ! (set -o pipefail && swift build "$@" 2>&1 </dev/null | tee "$log" | show_progress); then
    if ! grep -E '^(error:|[^ |].*: error:)' "$log" | sort -u | head -n 40 >&2; then
      tail -n 20 "$log" >&2
    fi
    say "The build failed; the whole output is in $log" >&2
    return 1
  fi
  ((SECONDS - started < 20)) || say "Built in $(duration $((SECONDS - started)))."
}

# The program as people run it; scripts/test and scripts/bench use the same one.
build_release() {
  [[ -x .build/release/babyhelm ]] ||
    say "Building BabyHelm. The first time takes about ten minutes on two cores."
  swift_build "$TOOLS/build-release.log" -c release --product babyhelm
}

# python_environment REQUIREMENTS: a virtual environment with these packages, made once.
python_environment() {
  local requirements=$1 environment=$TOOLS/venv stamp
  stamp=$environment/$(sha256sum "$requirements" | cut -c 1-16).installed
  [[ -f $stamp ]] && return 0
  say "Installing Python packages: $(grep -oE '^[A-Za-z0-9_.-]+' "$requirements" | paste -sd ' ')"
  if ! {
    /usr/bin/python3 -m venv "$environment" &&
      "$environment/bin/pip" install --disable-pip-version-check -r "$requirements"
  } >"$TOOLS/pip.log" 2>&1 </dev/null; then
    tail -n 5 "$TOOLS/pip.log" >&2
    say "Installing Python packages failed; the whole output is in $TOOLS/pip.log" >&2
    return 1
  fi
  touch "$stamp"
}
