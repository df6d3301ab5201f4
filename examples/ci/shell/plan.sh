#!/usr/bin/env bash
# usage: plan.sh REPOSITORY REVISION BASE [PATH]
#
# What REVISION of a git repository would do that BASE did not, for any CI that has a shell: the plan for people on standard
# output, and plan.md, plan.json and plan.sarif in the folder that it runs in. Ends with 0 where nothing changes, with 42 where
# something does, and with anything else on an error.
set -euo pipefail

(($# == 3 || $# == 4)) || { sed -n '2s/^# //p' "${BASH_SOURCE[0]}" >&2 && exit 64; }

plan() {
    reconcile --dry-run --repo "$repository" --path "$path" --ref "$revision" --base "$base" "$@"
}

repository=$1 revision=$2 base=$3 path=${4:-.}
for format in markdown:plan.md json:plan.json sarif:plan.sarif; do
    plan -o "${format%%:*}" >"${format#*:}"
done
plan --exit-code 42
