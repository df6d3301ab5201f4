#!/usr/bin/env bash
# usage: plan-hosts.sh REPOSITORY REVISION SNAPSHOTS KEYS [PATH]
#
# What REVISION of a git repository would do to each of the hosts that have published a snapshot into the folder SNAPSHOTS, and to
# all of them in total: for people on standard output, and plan.md and plan.json in the folder that it runs in. KEYS is a file with
# the keys of the hosts, and must come from where REVISION cannot have changed it. No host is asked anything. Ends with 0 where
# nothing changes, with 42 where something does, and with anything else on an error, such as a snapshot that nobody vouches for
# or that is older than an hour.
set -euo pipefail

(($# == 4 || $# == 5)) || { sed -n '2s/^# //p' "${BASH_SOURCE[0]}" >&2 && exit 64; }

plan() {
    reconcile --dry-run --repo "$repository" --path "$path" --ref "$revision" --against "$snapshots" \
        --snapshot-key "$keys" --max-age 1h "$@"
}

repository=$1 revision=$2 snapshots=$3 keys=$4 path=${5:-.}
for format in markdown:plan.md json:plan.json; do
    plan -o "${format%%:*}" >"${format#*:}"
done
plan --exit-code 42
