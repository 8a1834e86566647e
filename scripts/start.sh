#!/bin/sh
# npm start: from a fresh clone to verified examples on a local cluster. See start.ts.
. "$(dirname "$0")/ready.sh"
exec node scripts/start.ts "$@"
