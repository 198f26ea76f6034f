#!/bin/sh
# Make .venv hold exactly-hashed packages and Quarterday itself: `sh requirements/install.sh demo|dev`, from the root.
#
# Nothing happens, and no network is needed, once .venv fits the lock files. `demo` never takes away what `dev` added.
# PYTHON=... chooses an interpreter; otherwise the first suitable one is taken.
set -eu

set_name=$1

suitable() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if suitable "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    asked=${PYTHON:-python3}
    version=$("$asked" -V 2>&1) || version="not there"
    echo "Quarterday needs Python 3.11 or newer, and $asked is $version." \
        "Install a newer one and name it: make demo PYTHON=python3.12" >&2
    exit 1
}

# Console scripts know where .venv lies and which Python it has, so a moved project is installed anew.
fingerprint() {
    cat requirements/bootstrap.txt "requirements/$1.txt" pyproject.toml | cksum
    pwd
    .venv/bin/python -V
}

fits() {
    [ -x .venv/bin/python ] && [ -f ".venv/installed-$1" ] && [ "$(cat ".venv/installed-$1")" = "$(fingerprint "$1")" ]
}

if fits "$set_name" || { [ "$set_name" = demo ] && fits dev; }; then
    exit 0
fi

if ! suitable .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$python has no venv module: on Debian and Ubuntu, apt-get install python3-venv brings it." >&2
        exit 1
    fi
    echo "Making .venv with $("$python" -V) ..."
    "$python" -m venv --clear .venv
fi

rm -f ".venv/installed-$set_name"
echo "Installing requirements/$set_name.txt ..."
install_failed() {
    echo "The packages could not be installed: see above. A first installation needs the network, later ones do not." >&2
    exit 1
}
pip_install=".venv/bin/python -m pip install --quiet --disable-pip-version-check"
$pip_install --require-hashes -r requirements/bootstrap.txt || install_failed
# uv is ten times faster; pip knows mirrors that are set up for pip alone.
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "requirements/$set_name.txt" ||
    $pip_install --require-hashes -r "requirements/$set_name.txt" || install_failed
# Installed in place (editable), which makes the command `quarterday` and the package's own version known. setuptools
# comes from the lock above, so building needs neither an isolated environment nor the network.
$pip_install --no-deps --no-build-isolation --no-index --editable . || install_failed

fingerprint "$set_name" >".venv/installed-$set_name"
