# curl --http2: a submit over plain HTTP offers an upgrade to h2c, with its body beside the offer.
set -eu

clip=$1 base=$2 authorization=$3
ask() { curl --http2 --silent --show-error --fail-with-body --max-time 30 "$@"; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

task=$(ask "$base/v1/videos/image2video" -H "Authorization: $authorization" -H 'Content-Type: application/json' \
    -d '{"model_name": "kling-v1-6", "image": "https://upload.wikimedia.org/boat.jpg", "prompt": "A paper boat"}')
id=$(printf %s "$task" | member task_id)
echo submit

status=
until [ "$status" = succeed ]; do
    sleep 0.2
    read=$(ask "$base/v1/videos/image2video/$id" -H "Authorization: $authorization")
    status=$(printf %s "$read" | member task_status)
    [ "$status" != failed ] || { echo "$read" >&2; exit 1; }
done
echo poll

ask --output "$clip" "$(printf %s "$read" | member url)"
echo clip
