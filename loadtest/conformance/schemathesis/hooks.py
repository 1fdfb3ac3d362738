"""What schemathesis has to be told to send NDJSON: it is a text like any other."""

import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
