#!/bin/sh
# Installs Debian packages whose commands are missing: apt.sh COMMAND..., where each
# command is in a package of its name; or COMMAND=PACKAGE, where it is in another one.
set -eu
missing=
for name in "$@"; do
	command -v "${name%=*}" >/dev/null || missing="$missing ${name#*=}"
done
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null || { echo "please install:$missing" >&2; exit 1; }
run=
[ "$(id -u)" = 0 ] || run=sudo
$run apt-get update -q
DEBIAN_FRONTEND=noninteractive $run apt-get install -q -y --no-install-recommends $missing
