#!/bin/bash
# Submits a job script to SLURM for a node that shares no file system: the script's text travels, nothing else.
set -euo pipefail
script=${!#}
if grep -qE '(ACCESS|SECRET)_KEY=' "$script"; then
    echo "the job script holds a key of the storage" >&2
    exit 1
fi
here=$(cd "$(dirname "$0")" && pwd)
{ echo '#!/bin/bash'; echo "bash $here/isolated.sh <<'END_OF_JOB'"; cat "$script"; echo END_OF_JOB; } \
    | sbatch --parsable --chdir /tmp --output "/tmp/genvej-node-%j.log" --partition short,long --account genomics "${@:1:$#-1}"
