#!/bin/sh
# Predicts with a Sepal server; needs curl, and jq for more than the raw responses.
set -eu
url=${1:-http://localhost:8000}
response=$(mktemp)
trap 'rm -f "$response"' EXIT

# ask STATUS PATH JSON FILTER: sends JSON; the response must have that status, and the jq match is
# printed, or all of it without jq. curl itself retries after 429 and 503, when Retry-After says.
ask() {
  status=$(curl --silent --show-error --retry 5 --max-time 60 \
    --header 'content-type: application/json' \
    ${SEPAL_API_KEY:+--header "x-api-key: $SEPAL_API_KEY"} \
    --data "$3" --output "$response" --write-out '%{http_code}' "$url$2")
  if [ "$status" != "$1" ]; then
    echo "$status: $(cat "$response")" >&2
    exit 1
  fi
  if command -v jq >/dev/null; then
    jq --raw-output "$4" "$response"
  else
    cat "$response"
    echo
  fi
}

# One row: sepal length, sepal width, petal length, petal width, in centimetres.
ask 200 /predict '{"features":[6,2.7,5.1,1.6]}' '"one: \(.label) \(.confidence)"'

# Many rows in one request.
ask 200 /predict-batch '{"rows":[[5.1,3.5,1.4,0.2],[6.9,3.1,5.4,2.1]]}' \
  '.predictions[] | "batch: \(.label) \(.confidence)"'

# A length cannot be negative: the 422 says which rule was broken where.
ask 422 /predict '{"features":[-1,2.7,5.1,1.6]}' \
  '.detail[] | "refused: \(.loc | map(tostring) | join(".")): \(.msg)"'
