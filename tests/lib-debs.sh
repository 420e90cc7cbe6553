# Sourced by `mysql9` and `postgres`: database servers out of Debian's packages, of any suite, without installing them. The
# packages are unpacked, with the libraries they need, into a temporary directory and started through the unpacked ld.so;
# nothing of the system is changed. Needs apt, dpkg and Debian's archive keys.

. "$(dirname "${BASH_SOURCE[0]}")/lib-servers.sh"

debs_home="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/target/debs"   # package lists and .debs are kept for the next run
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

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
        awk -v package="$package" '$1 == "Inst" && ($2 == package || $2 ~ /^(lib|postgresql-client-[0-9])/) && $2 !~ /perl|^libllvm|^libsystemd-shared/ { print $2 }')" ||
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
