const BODY = '{"features":[5.1,3.5,1.4,0.2]}';
const POST = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** The request that must never be reached, told by its id. */
export function hidden(id: string): string {
  return `GET /models HTTP/1.1\r\nHost: localhost\r\nx-request-id: ${id}\r\n\r\n`;
}

const WHOLE = `${chunk(BODY)}0\r\n\r\n`;

/** Both a length and chunks, spelled so that one of two readers may overlook the chunks. */
const CHUNKED = {
  plain: "Transfer-Encoding: chunked",
  "another coding": "Transfer-Encoding: xchunked",
  "a space before the colon": "Transfer-Encoding : chunked",
  "a tab": "Transfer-Encoding:\tchunked",
  "a vertical tab": "Transfer-Encoding:\x0bchunked",
  quotes: 'Transfer-Encoding: "chunked"',
  "another case": "tRANSFER-eNCODING: CHUNKED",
  "a space before the name": " Transfer-Encoding: chunked",
  "two fields": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
  "two fields, the last of them chunked": "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
  "a folded line": "Transfer-Encoding:\r\n chunked",
  "after a bare LF": "x: y\nTransfer-Encoding: chunked",
  "after a bare CR": "x: y\rTransfer-Encoding: chunked",
  "after a NUL": "x: y\0\r\nTransfer-Encoding: chunked",
};

/** One length of a body, spelled so that two readers may differ. */
const LENGTHS = [
  "+30",
  "-1",
  "0x1e",
  "3 0",
  "30, 30",
  "30\r\nContent-Length: 31",
  "30\r\nContent-Length: 0",
  "18446744073709551646",
  "",
  "30;",
  "\x0b30",
];

/** A chunked body in which two readers may differ on where it ends. */
const CHUNKS = {
  "a bare LF after the size": `1e\n${BODY}\r\n0\r\n\r\n`,
  "a bare LF after the chunk": `1e\r\n${BODY}\n0\r\n\r\n`,
  "a bare LF at the end": `1e\r\n${BODY}\r\n0\n\n`,
  "a bare LF in an extension": "2;\nxx\r\n4c\r\n0\r\n\r\n",
  "a bare CR in an extension": `1e;a\rb\r\n${BODY}\r\n0\r\n\r\n`,
  "a sign before the size": `+${WHOLE}`,
  "a prefix before the size": `0x${WHOLE}`,
  "a negative size": `-1\r\n${BODY}\r\n0\r\n\r\n`,
  "an underscore in the size": `1_e\r\n${BODY}\r\n0\r\n\r\n`,
  "a space after the size": `1e \r\n${BODY}\r\n0\r\n\r\n`,
  "a size past 64 bits": `1000000000000001e\r\n${BODY}\r\n0\r\n\r\n`,
  "a chunk longer than its size": `2\r\n${BODY}\r\n0\r\n\r\n`,
  "no size": `\r\n${BODY}\r\n0\r\n\r\n`,
};

/** Requests whose body is another request; the id is told apart by `id`. */
function bodies(id: string): Record<string, string> {
  const inner = hidden(id);
  const body = `Content-Length: ${inner.length}\r\n\r\n${inner}`;
  const types = { JSON: "application/json", text: "text/plain" };
  const posts = Object.entries(types).flatMap(([name, type]) =>
    ["/predict", "/predict-file", "/trpc/predict", "/v2/models/iris-forest/infer", "/nope"].map(
      (path): [string, string] => [
        `a body of ${name} to ${path}`,
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${body}`,
      ],
    ),
  );
  const others = ["GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "QUERY"].map(
    (method): [string, string] => [
      `a body of ${method}`,
      `${method} /health HTTP/1.1\r\nHost: localhost\r\n${body}`,
    ],
  );
  return {
    ...Object.fromEntries([...posts, ...others]),
    "a body that is expected in another way": `${POST}Expect: 200-ok\r\n${body}`,
    "a body of an upgrade": `GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${body}`,
    "a body of CONNECT": `CONNECT /health HTTP/1.1\r\nHost: localhost\r\n${body}`,
    "a body of HTTP/1.0 in chunks": `POST /predict HTTP/1.0\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${WHOLE}${inner}`,
    "the length in a trailer": `${POST}Transfer-Encoding: chunked\r\n\r\n${chunk(BODY)}0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  };
}

/** Every probe: bytes in which a strict proxy sees one request at most, and a careless server two, the second with `id`. */
export function smugglingProbes(id: (name: string) => string): [name: string, bytes: string][] {
  const of = (name: string, bytes: (inner: string) => string): [string, string] => [
    name,
    bytes(hidden(id(name))),
  ];
  return [
    ...Object.entries(CHUNKED).flatMap(([how, field]) => [
      of(`CL.TE, ${how}`, (inner) => {
        const rest = `0\r\n\r\n${inner}`;
        return `${POST}Content-Length: ${rest.length}\r\n${field}\r\n\r\n${rest}`;
      }),
      of(`TE.CL, ${how}`, (inner) => {
        const length = inner.length.toString(16).length + 2;
        return `${POST}${field}\r\nContent-Length: ${length}\r\n\r\n${chunk(inner)}0\r\n\r\n`;
      }),
    ]),
    ...LENGTHS.map((length) =>
      of(
        `the length ${JSON.stringify(length)}`,
        (inner) => `${POST}Content-Length: ${length}\r\n\r\n${BODY}${inner}`,
      ),
    ),
    ...Object.entries(CHUNKS).map(([how, body]) =>
      of(how, (inner) => `${POST}Transfer-Encoding: chunked\r\n\r\n${body}${inner}`),
    ),
    of(
      "a folded field",
      (inner) => `${POST}x: y\r\n z\r\nContent-Length: 30\r\n\r\n${BODY}${inner}`,
    ),
    of("a head with bare LFs", (inner) => `${POST}Content-Length: 30\n\n${BODY}${inner}`),
    ...Object.keys(bodies("")).map((name): [string, string] => [
      name,
      bodies(id(name))[name] ?? "",
    ]),
  ];
}
