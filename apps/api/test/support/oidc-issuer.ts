import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from "jose";
import { Provider } from "oidc-provider";

/** Whom the tokens of the issuer are for. */
export const AUDIENCE = "https://sepal.example.com";

const CLIENT = { id: "scoring-job", secret: "a secret of the test's client" };

interface Key {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
}

async function newKey(kid: string, algorithm: string) {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: algorithm, use: "sig" };
  return { kid, algorithm, privateKey, jwk };
}

/** An OpenID Connect issuer with discovery, key set and token endpoint, whose keys can be exchanged. */
export async function startIssuer({ roles = [] }: { readonly roles?: readonly string[] } = {}) {
  let listener: (request: IncomingMessage, response: ServerResponse) => unknown;
  /** Paths that were asked for. */
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    listener(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const url = `http://127.0.0.1:${port}`;
  let key: Key;
  let serial = 0;
  const rotate = async (algorithm = "RS256") => {
    serial += 1;
    const made = await newKey(`key-${serial}`, algorithm);
    key = made;
    const provider = new Provider(url, {
      jwks: { keys: [made.jwk] },
      cookies: { keys: ["a key of the test"] },
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          grant_types: ["client_credentials"],
          redirect_uris: [],
          response_types: [],
          id_token_signed_response_alg: algorithm as "RS256",
        },
      ],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => AUDIENCE,
          getResourceServerInfo: (_context, resource) => ({
            scope: "predict",
            audience: resource,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: algorithm as "RS256" } },
          }),
        },
      },
      extraTokenClaims: () => ({ realm: { roles } }),
    });
    listener = provider.callback();
  };
  await rotate();
  return {
    url,
    seen,
    /** How often the key set was fetched. */
    fetches: () => seen.filter((path) => path === "/jwks").length,
    /** Signs with a new key from now on, and publishes no other. */
    rotate,
    /** A token as the issuer gives it to a client of its token endpoint. */
    async token(resource = AUDIENCE): Promise<string> {
      const response = await fetch(`${url}/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          resource,
        }),
      });
      const body: { access_token?: string } = JSON.parse(await response.text());
      if (body.access_token === undefined) throw new Error(JSON.stringify(body));
      return body.access_token;
    },
    /** A token of other claims or another head, signed with the issuer's own key. */
    sign: (payload: JWTPayload, head: { readonly kid?: string; readonly alg?: string } = {}) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...head })
        .sign(key.privateKey),
    /** Takes no connections until `listen`. */
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
    async listen() {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
