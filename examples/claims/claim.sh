#!/usr/bin/env bash
# usage: examples/claims/claim.sh POOL COMMAND...
#
# Claims a container of a WarmPool with curl, runs COMMAND while it is held, and gives it back.
#
# COMMAND finds CLAIM_ID, CLAIM_CONTAINER (its id) and CLAIM_ADDRESS in its environment. The claim is renewed three times in
# each ttl; when its container is lost, COMMAND is told by SIGTERM. Needs curl and jq.
#
#     RECONCILE_SOCKET  the daemon's socket, /var/lib/reconcile/reconcile.sock unless set
#     RECONCILE_URL     the daemon's address instead, such as https://host-1:9480
#     RECONCILE_TOKEN   with it, a token of role user
set -euo pipefail

(($# >= 2)) || { sed -n '2s/^# //p' "${BASH_SOURCE[0]}" >&2 && exit 64; }
pool=$1
shift
ttl=60

work=$(mktemp -d)
claim_id=
workers=()

ask() { # CURL-OPTION... PATH
    curl --silent --show-error --fail-with-body --config "$work/curl" "${@:1:$#-1}" "${RECONCILE_URL:-http://reconcile}${*: -1}"
}

clean_up() {
    ((${#workers[@]} == 0)) || kill "${workers[@]}" 2>/dev/null || true
    if [[ -n $claim_id ]]; then ask --request DELETE "/v1/claims/$claim_id" | jq --raw-output '"released \(.id)"' >&2; fi
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In a file that nobody else may read: a command line is everybody's.
if [[ -n ${RECONCILE_URL:-} ]]; then
    printf 'header = "Authorization: Bearer %s"\n' "${RECONCILE_TOKEN:?is needed with RECONCILE_URL}" >"$work/curl"
else
    printf 'unix-socket = "%s"\n' "${RECONCILE_SOCKET:-/var/lib/reconcile/reconcile.sock}" >"$work/curl"
fi

# 1. Claim. With a key the request may be sent again when an answer was lost: it is never carried out twice.
jq --null-input --arg holder "$(id --user --name)@$HOSTNAME" --arg ttl "${ttl}s" \
    '{holder: $holder, ttl: $ttl, wait: "10s", labels: {tenant_id: "example"}, files: {"task.txt": "count to three"}}' \
    >"$work/request"
ask --retry 3 --header "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" --header 'Content-Type: application/json' \
    --data-binary "@$work/request" --output "$work/claim" "/v1/pools/$pool/claims" ||
    { jq --raw-output .message "$work/claim" >&2 && exit 1; }
claim_id=$(jq --raw-output .id "$work/claim")
jq --raw-output '"claimed \(.id): \(.container.name), \(.source) in \(.durationMs) ms"' "$work/claim" >&2

# 2. Use.
CLAIM_ID=$claim_id CLAIM_CONTAINER=$(jq --raw-output .container.id "$work/claim") \
    CLAIM_ADDRESS=$(jq --raw-output '.address // ""' "$work/claim") "$@" &
command=$!
workers+=("$command")

# 3. Renew, well before it ends.
while sleep $((ttl / 3)); do ask --request POST "/v1/claims/$claim_id/renew"; done >"$work/renewed" 2>&1 &
workers+=($!)

# 4. Watch: a message for each change, of which the first is how it is now.
ask --no-buffer "/v1/claims/$claim_id/events" | sed --unbuffered --quiet 's/^data: //p' | while read -r change; do
    phase=$(jq --raw-output .phase <<<"$change")
    [[ $phase != bound ]] || continue
    jq --raw-output '"\(.id) is \(.phase): \(.reason)"' <<<"$change" >&2
    kill "$command"
    break
done &
workers+=($!)

# 5. Release, which is in clean_up: however this ends.
wait "$command"
