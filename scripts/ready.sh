# Sourced by start.sh and test.sh: makes a fresh clone ready to run TypeScript. Plain sh, because nothing else is there yet.
# Afterwards the working folder is the checkout's root and the checkout's own Node is the first on PATH.
set -eu
cd "$(dirname "$0")/.."

refuse() {
  printf '%s\n' "$@" >&2
  exit 2
}

command -v node >/dev/null 2>&1 ||
  refuse 'Node is missing; version 20 or newer is needed.' 'Remedy: install it from https://nodejs.org or with your package manager.'
command -v npm >/dev/null 2>&1 || refuse 'npm is missing; version 11 or newer is needed.' 'Remedy: install npm, for example with Node from https://nodejs.org.'

# Older versions of npm ignore allowScripts in package.json and would run any package's install script.
node_version=$(node --version)
npm_version=$(npm --version)
node_major=${node_version#v}
[ "${node_major%%.*}" -ge 20 ] ||
  refuse "Node $node_version is too old; version 20 or newer is needed." 'Remedy: install a newer one from https://nodejs.org.'
[ "${npm_version%%.*}" -ge 11 ] ||
  refuse "npm $npm_version is too old; version 11 or newer is needed." 'Remedy: npm install --global npm@11'

# Inside node_modules, so that whatever removes that folder removes the record too.
record=node_modules/.coxswain-lock
lock=$(node -p 'require("crypto").createHash("sha256").update(require("fs").readFileSync("package-lock.json")).digest("hex")')
if [ "$(cat "$record" 2>/dev/null)" != "$lock" ]; then
  printf 'installing npm packages (npm ci): a minute or so\n'
  began=$(date +%s)
  npm ci --no-audit --no-fund --loglevel=error
  printf '%s' "$lock" >"$record"
  printf 'npm packages installed in %s s\n' "$(($(date +%s) - began))"
fi

PATH=$PWD/node_modules/.bin:$PATH
export PATH
# It comes by the install script of the package `node`; where those are switched off, the old Node stays silently.
own=$(node_modules/.bin/node --version 2>/dev/null || true)
case $own in
v24.*) ;;
*) refuse "node_modules/.bin/node is ${own:-missing}, not v24." 'Remedy: npm ci --ignore-scripts=false' ;;
esac
