# Sourced by the commands of this folder and by ./start and ./test: names of things, and ways to say something.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$top/target}
cargo_bin=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin

# Tools of this project alone (see tools/install), then what npm brought, then what cargo installed.
export PATH="$top/.tools/bin:$top/node_modules/.bin:$cargo_bin:$PATH"

say() { printf '\033[1m%s\033[0m\n' "rapport: $*" >&2; }
fail() { printf '\033[1;31m%s\033[0m\n' "rapport: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# debian PACKAGE…: installs packages of Debian, where that may be done; else says why not and fails.
debian() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if ! have apt-get || ! "${as_root[@]}" true 2>/dev/null; then
    say "$* is missing and cannot be installed from here (no apt-get, or not root and no sudo)."
    return 1
  fi
  say "installing $* (a minute)"
  { "${as_root[@]}" apt-get update -q && "${as_root[@]}" apt-get install -q -y --no-install-recommends "$@"; } >&2
}

# The version of a crate in Cargo.lock: what is installed beside the build must be the very same.
locked_version() {
  awk -v name="$1" '$1 == "name" && $3 == "\"" name "\"" { getline; gsub(/"/, "", $3); print $3; exit }' "$top/Cargo.lock"
}

# One line that changes whenever the contents of these files and folders do.
fingerprint() {
  local path paths=()
  for path in "$@"; do [ ! -e "$top/$path" ] || paths+=("$path"); done
  (cd "$top" && find "${paths[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}
