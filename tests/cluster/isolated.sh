#!/bin/bash
# A node that shares no file system: runs a job script in an empty folder of its own, with the main process's folders ($GENVEJ_HIDDEN) covered.
set -euo pipefail
node=$(mktemp -d /tmp/genvej-node.XXXXXX)
trap 'rm -rf "$node"' EXIT
cat > "$node/job.sh"
unshare --mount bash -c '
    for folder in $GENVEJ_HIDDEN; do mount -t tmpfs -o ro none "$folder"; done
    cd "$0" && exec bash ./job.sh' "$node"
