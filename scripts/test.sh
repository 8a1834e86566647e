#!/bin/sh
# npm test: all checks and tests, from a fresh clone. See test.ts.
. "$(dirname "$0")/ready.sh"
exec node scripts/test.ts "$@"
