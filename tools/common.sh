# Sourced by the commands of this folder and by ./start and ./test: paths and output functions.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$top/target}
cargo_bin=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin

# In this order: tools of this project (see tools/install), tools from npm, tools from cargo.
export PATH="$top/.tools/bin:$top/node_modules/.bin:$cargo_bin:$PATH"

say() { printf '\033[1m%s\033[0m\n' "rapport: $*" >&2; }
fail() { printf '\033[1;31m%s\033[0m\n' "rapport: $*" >&2; exit 1; }
# have PROGRAM: whether it is there; a shell function of that name does not count.
have() { type -P "$1" >/dev/null; }

# need_disk GB: says if less is free, since compilers and databases then fail in words of their own.
need_disk() {
  local free
  free=$(df -Pk "$top" | awk 'NR == 2 { print int($4 / 1048576) }')
  [ "$free" -ge "$1" ] || say "only $free GB of the disk are free, and this can take $1"
}

# debian PACKAGE…: installs packages of Debian; without apt-get or root, says so and fails.
debian() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if ! have apt-get || ! "${as_root[@]}" true 2>/dev/null; then
    say "$* is missing and cannot be installed automatically (no apt-get, or neither root nor sudo)."
    return 1
  fi
  say "installing $* (a minute)"
  { "${as_root[@]}" apt-get update -q && "${as_root[@]}" apt-get install -q -y --no-install-recommends "$@"; } >&2
}

# Prints the version of a crate in Cargo.lock; wasm-bindgen and its command must have the same version.
locked_version() {
  awk -v name="$1" '$1 == "name" && $3 == "\"" name "\"" { getline; gsub(/"/, "", $3); print $3; exit }' "$top/Cargo.lock"
}

# Prints a checksum of the contents of these files and folders.
fingerprint() {
  local path paths=()
  for path in "$@"; do [ ! -e "$top/$path" ] || paths+=("$path"); done
  (cd "$top" && find "${paths[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}
