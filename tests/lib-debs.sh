# Sourced by `mysql9` and `postgres`: throw-away database servers out of Debian's packages, of any suite, without
# installing them. The packages are unpacked, with the libraries they need, into a temporary directory and started
# through the unpacked ld.so; nothing of the system is changed. Needs apt, dpkg and Debian's archive keys.

set -euo pipefail

debs_home="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/target/debs"   # package lists and .debs are kept for the next run
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
server_pid=
server_dir=

die() {
    echo "${0##*/}: $*" >&2
    exit 3
}

# Ends the server by its pid and removes its directory. Runs at every exit.
clean_up() {
    if [ -n "$server_pid" ] && kill -TERM "$server_pid" 2>/dev/null; then
        wait "$server_pid" 2>/dev/null || true
    fi
    if [ -n "$server_dir" ]; then rm -rf "$server_dir"; fi
}

# Makes `$server_dir`. Its `root/` is readable by the unprivileged user, its `data/` belongs to it.
make_server_dir() {
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    server_dir="$(mktemp -d "${TMPDIR:-/tmp}/fkcheck-server.XXXXXX")"
    mkdir -p "$server_dir/root" "$server_dir/data"
    chmod 755 "$server_dir"
    chmod 700 "$server_dir/data"
    if [ "$(id -u)" = 0 ]; then chown nobody: "$server_dir/data"; fi
}

# unpack_debs SUITE PACKAGE: the package and the libraries it needs, into `$server_dir/root`.
unpack_debs() {
    local suite=$1 package=$2 home="$debs_home/$1" names
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || die "needs apt-get and dpkg-deb"
    [ -r "$keyring" ] || die "needs Debian's archive keys, $keyring (package debian-archive-keyring)"
    mkdir -p "$home"/{lists,cache,archives}/partial
    : >"$home/status" # nothing counts as installed: libc comes along
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian $suite main" >"$home/sources.list"
    cat >"$home/apt.conf" <<-CONF
	Dir::Etc::SourceList "$home/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	Dir::Etc::Preferences "/dev/null";
	Dir::Etc::PreferencesParts "/dev/null";
	Dir::State "$home";
	Dir::State::Status "$home/status";
	Dir::Cache "$home/cache";
	Acquire::Languages "none";
	Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
	APT::Sandbox::User "";
CONF
    echo "Getting $package from Debian $suite" >&2
    APT_CONFIG="$home/apt.conf" apt-get -qq update >&2 || die "can't read the package lists of Debian $suite"
    # Perl and the packaging's own helpers are of no use here, nor is LLVM (PostgreSQL's JIT stays off).
    names="$(APT_CONFIG="$home/apt.conf" apt-get -s --no-install-recommends install "$package" |
        awk -v package="$package" '$1 == "Inst" && ($2 == package || $2 ~ /^lib/) && $2 !~ /perl|^libllvm|^libsystemd-shared/ { print $2 }')" ||
        die "Debian $suite has no $package that can be installed"
    # shellcheck disable=SC2086 # one word a package
    (cd "$home/archives" && APT_CONFIG="$home/apt.conf" apt-get -qq download $names >&2) || die "can't download $package"
    local deb
    # The files of this version alone: the directory may hold those of an earlier one.
    # shellcheck disable=SC2086
    for deb in $(APT_CONFIG="$home/apt.conf" apt-get -qq --print-uris download $names | awk '{ print $2 }'); do
        dpkg-deb --extract "$home/archives/$deb" "$server_dir/root"
    done
}

# use_unpacked_libraries: sets `loader` to the words that start a program on the unpacked libc and libraries.
use_unpacked_libraries() {
    local root="$server_dir/root" linker triplet
    linker="$(find "$root" \( -name 'ld-linux-*.so.*' -o -name 'ld64.so.*' \) -print -quit)"
    [ -n "$linker" ] || die "no ld.so among the unpacked packages"
    triplet="$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")"
    loader=("$linker" --library-path "$root/usr/lib/$triplet:$root/lib/$triplet:$root/usr/lib")
}

# as_nobody WORD...: servers refuse to run as root.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups env HOME="$server_dir/data" "$@"
    else
        exec "$@"
    fi
}

# A port of the loopback that nobody listens on.
free_port() {
    local port
    while port=$((20000 + RANDOM % 40000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

# start_server READY WORD...: starts it in the background and waits, 60 s at most, for READY in its log.
start_server() {
    local ready=$1 log="$server_dir/log"
    shift
    as_nobody "$@" >"$log" 2>&1 </dev/null &
    server_pid=$!
    local tenths
    for ((tenths = 0; tenths < 600; tenths++)); do
        if grep -q "$ready" "$log"; then return; fi
        kill -0 "$server_pid" 2>/dev/null || { server_pid=; tail -n 20 "$log" >&2; die "the server ended at its start"; }
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    die "the server isn't ready after 60 s"
}

# serve VARIABLE URL [WORD...]: prints the URL; runs the command with it, or waits to be interrupted.
serve() {
    local variable=$1 url=$2
    shift 2
    if [ $# -eq 0 ]; then
        echo "$url"
        echo "Ctrl-C ends it" >&2
        wait "$server_pid"
    else
        echo "$variable=$url" >&2
        env "$variable=$url" "$@"
    fi
}
