# shellcheck shell=bash
# What the machine has to have. Missing packages are installed where one may, or named.

# Debian packages that are missing, one a line.
missing_packages() {
    [ -n "$(postgres_bin)" ] || echo postgresql
    command -v cc >/dev/null || echo build-essential
    command -v curl >/dev/null || echo curl
    command -v flock >/dev/null || echo util-linux
    command -v node >/dev/null && command -v npm >/dev/null || printf '%s\n' nodejs npm
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    local line="apt-get install -y --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null || die "these packages are missing: ${missing[*]}"
    [ "$(id -u)" = 0 ] || die "packages are missing; as root: $line"
    # Without this the package would start a cluster of its own on port 5432.
    local no_cluster=/etc/postgresql-common/createcluster.d/moim.conf
    mkdir -p "${no_cluster%/*}"
    echo 'create_main_cluster = false' >"$no_cluster"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update && $line
    local status=$?
    rm -f "$no_cluster"
    return $status
}

# Rust of at least the version that Cargo.toml asks for.
need_rust() {
    PATH="$PATH:$HOME/.cargo/bin"
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    if ! command -v cargo >/dev/null; then
        # Debian has it since 13; elsewhere it comes from rustup.rs.
        command -v rustup >/dev/null || [ "$(id -u)" != 0 ] ||
            ! apt-cache policy rustup 2>/dev/null | grep -q 'Candidate: [^(]' ||
            apt-get install -y --no-install-recommends rustup
        command -v rustup >/dev/null && rustup toolchain install stable --profile minimal
        command -v cargo >/dev/null ||
            die "Rust is missing. Install it as https://rustup.rs says, then run this again."
    fi
    have=$(cd "$root" && rustc --version | cut -d' ' -f2)
    if ! at_least "$wanted" "$have"; then
        command -v rustup >/dev/null && rustup update stable && return
        die "Rust $have is too old, $wanted is needed; rustup update stable brings it"
    fi
}

# Whether version $2 is at least version $1.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n1)" = "$1" ]; }

# Node of at least version 20.19: the machine's, or the npm package `node` in the cache.
need_node() {
    local have
    have=$(node --version 2>/dev/null)
    at_least 20.19 "${have#v}" && return
    local prefix=$cache/node
    [ -x "$prefix/node_modules/node/bin/node" ] ||
        npm install --silent --prefix "$prefix" node@22 ||
        die "Node 20.19 or newer is missing, and npm could not bring the package node@22"
    PATH="$prefix/node_modules/node/bin:$PATH"
}
