/** A server that does everything right, but for the faults that it is given: the smallest one that an examination finds nothing at. */

export const ORIGIN = "http://127.0.0.1:8123";
const LEGACY = "2025-11-25";

/** What can be wrong with it. */
export type Fault =
  | "ten:challenge names no metadata"
  | "ten:metadata is about another resource"
  | "ten:issuer differs by a slash"
  | "ten:no PKCE"
  | "ten:nobody can register"
  | "ten:preflight needs a token"
  | "ten:token in the query"
  | "ten:headers are not compared"
  | "ten:batches are taken"
  | "ten:list and call disagree"
  | "audience is not checked"
  | "any token is good"
  | "bad tokens are forbidden"
  | "bad tokens are not named"
  | "no challenge"
  | "refuses with 403"
  | "challenge without scope"
  | "GET is refused first"
  | "calls need no token"
  | "no metadata"
  | "metadata at the root only"
  | "metadata by the path only"
  | "metadata as text"
  | "copies disagree"
  | "no issuers"
  | "tokens in the query are announced"
  | "offline_access is listed"
  | "no metadata of the issuer"
  | "no token endpoint in the metadata"
  | "implicit flow"
  | "plain PKCE"
  | "public clients are missing"
  | "registration is not there"
  | "token endpoint says nothing"
  | "private keys are published"
  | "no iss"
  | "only machines get tokens"
  | "insecure endpoint"
  | "no Mcp-Method in CORS"
  | "challenge is hidden from browsers"
  | "documents are hidden from browsers"
  | "everybody may come with cookies"
  | "foreign origins are answered"
  | "scopes are not told"
  | "modern era is not spoken"
  | "legacy era is not spoken"
  | "neither era is spoken"
  | "eras list different tools"
  | "discovery lacks versions"
  | "results have no type"
  | "lists have no cache hints"
  | "any version is good"
  | "unknown methods get 200"
  | "legacy takes any version"
  | "sessions are not checked"
  | "metadata is not where the challenge says"
  | "unknown tools succeed"
  | "stack traces are shown";

export interface ModelServer {
  readonly url: string;
  answer(request: Request): Promise<Response>;
  /** Names of the tools that were called, as far as they exist. */
  readonly called: readonly string[];
}

/** A token that the server accepts, for itself or for something else. */
export function tokenFor(audience: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "ES256", typ: "at+jwt" })}.${part({ aud: audience, exp: 4_102_444_800 })}.good`;
}

const TOOLS = [
  { name: "read_note", annotations: { readOnlyHint: true }, inputSchema: { type: "object" } },
  { name: "find_notes", annotations: { readOnlyHint: true }, inputSchema: { type: "object", required: ["text"] } },
  { name: "read_secret", annotations: { readOnlyHint: true }, inputSchema: { type: "object" } },
  { name: "delete_note", annotations: { readOnlyHint: false, destructiveHint: true }, inputSchema: { type: "object" } },
  { name: "unmarked", inputSchema: { type: "object" } },
];

export function createModelServer(given: Iterable<Fault> = [], origin: string = ORIGIN): ModelServer {
  const faults = new Set(given);
  const has = (fault: Fault): boolean => faults.has(fault);
  const site = new ModelSite(has, origin);
  return { url: `${origin}/mcp`, answer: (request) => site.answer(request), called: site.called };
}

type Message = { readonly id?: unknown; readonly method: string; readonly params?: Record<string, unknown> };

class ModelSite {
  readonly called: string[] = [];
  readonly has: (fault: Fault) => boolean;
  readonly origin: string;

  constructor(has: (fault: Fault) => boolean, origin: string) {
    this.has = has;
    this.origin = origin;
  }

  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const from = request.headers.get("origin");
    const isForeign = from !== null && from !== "http://localhost:6274";
    const answer = pathname === "/mcp" ? await this.endpoint(request, isForeign) : await this.document(request, pathname);
    const isHidden =
      pathname === "/mcp"
        ? isForeign || (this.has("challenge is hidden from browsers") && answer.status === 401)
        : this.has("documents are hidden from browsers");
    if (from !== null && !isHidden) answer.headers.set("access-control-allow-origin", pathname === "/mcp" ? from : "*");
    answer.headers.set("access-control-expose-headers", "WWW-Authenticate, Mcp-Session-Id");
    if (isForeign && this.has("everybody may come with cookies")) {
      answer.headers.set("access-control-allow-origin", from);
      answer.headers.set("access-control-allow-credentials", "true");
    }
    return answer;
  }

  async document(request: Request, pathname: string): Promise<Response> {
    const { has } = this;
    switch (pathname) {
      case "/.well-known/oauth-protected-resource":
      case "/.well-known/oauth-protected-resource/mcp": {
        const isRoot = !pathname.endsWith("/mcp");
        if (has("no metadata") || has(isRoot ? "metadata by the path only" : "metadata at the root only")) return notFound();
        return this.resource(isRoot);
      }
      case "/.well-known/oauth-authorization-server":
        return has("no metadata of the issuer") ? notFound() : json(200, this.issuer());
      case "/token":
        return has("token endpoint says nothing") ? notFound() : json(400, { error: "invalid_request" });
      case "/register":
        return request.method === "POST" && !has("registration is not there")
          ? json(400, { error: "invalid_client_metadata" })
          : notFound();
      case "/jwks":
        return json(200, { keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y", ...(has("private keys are published") ? { d: "d" } : {}) }] });
      default:
        return notFound();
    }
  }

  resource(isRoot: boolean): Response {
    const { has, origin } = this;
    const document = {
      resource: has("ten:metadata is about another resource") ? `${origin}/other` : `${origin}/mcp`,
      authorization_servers: has("no issuers") ? [] : [isRoot && has("copies disagree") ? `${origin}/elsewhere` : origin],
      bearer_methods_supported: has("tokens in the query are announced") ? ["header", "query"] : ["header"],
      scopes_supported: ["note:read", ...(has("offline_access is listed") ? ["offline_access"] : [])],
    };
    const response = json(200, document);
    if (has("metadata as text")) response.headers.set("content-type", "text/plain");
    return response;
  }

  issuer(): object {
    const { has, origin } = this;
    if (has("only machines get tokens"))
      return { issuer: origin, token_endpoint: `${origin}/token`, grant_types_supported: ["client_credentials"] };
    return {
      issuer: has("ten:issuer differs by a slash") ? `${origin}/` : origin,
      authorization_endpoint: has("insecure endpoint") ? "http://login.example/authorize" : `${origin}/authorize`,
      ...(has("no token endpoint in the metadata") ? {} : { token_endpoint: `${origin}/token` }),
      response_types_supported: has("implicit flow") ? ["code", "token"] : ["code"],
      ...(has("ten:no PKCE") ? {} : { code_challenge_methods_supported: has("plain PKCE") ? ["S256", "plain"] : ["S256"] }),
      ...(has("ten:nobody can register")
        ? {}
        : { registration_endpoint: `${origin}/register`, client_id_metadata_document_supported: true }),
      token_endpoint_auth_methods_supported: has("public clients are missing") ? ["client_secret_basic"] : ["none"],
      jwks_uri: `${origin}/jwks`,
      authorization_response_iss_parameter_supported: !has("no iss"),
    };
  }

  async endpoint(request: Request, isForeign: boolean): Promise<Response> {
    const { has } = this;
    const { method, headers } = request;
    if (method === "OPTIONS") return has("ten:preflight needs a token") ? this.challenge() : this.preflight();
    if (isForeign && !has("foreign origins are answered")) return json(403, { error: "origin" });
    if (method === "GET" && has("GET is refused first")) return new Response(null, { status: 405 });
    const body = method === "POST" ? parse(await request.text()) : undefined;
    if (body instanceof SyntaxError) return new Response(has("stack traces are shown") ? body.stack : "no JSON", { status: 400 });
    const message = (Array.isArray(body) ? body[0] : body) as Message | undefined;
    const refusal = this.authenticate(request, message);
    if (refusal !== undefined) return refusal;
    if (message === undefined) return new Response(null, { status: method === "DELETE" ? 204 : 405 });
    if (Array.isArray(body) && !has("ten:batches are taken")) return failure(400, message, -32600);
    if (message.params?.["_meta"] !== undefined) return this.modern(message, headers);
    return this.legacy(message, headers);
  }

  preflight(): Response {
    const allowed = [
      "authorization",
      "content-type",
      "mcp-protocol-version",
      "mcp-name",
      ...(this.has("no Mcp-Method in CORS") ? [] : ["mcp-method"]),
    ];
    return new Response(null, { status: 204, headers: { "access-control-allow-headers": allowed.join(", ") } });
  }

  authenticate(request: Request, message: Message | undefined): Response | undefined {
    const { has, origin } = this;
    const query = has("ten:token in the query") ? new URL(request.url).searchParams.get("access_token") : null;
    const bearer = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? query ?? undefined;
    if (bearer === undefined) {
      if (has("calls need no token") && message?.method === "tools/call") return undefined;
      return has("refuses with 403") ? json(403, {}) : this.challenge();
    }
    if (has("any token is good")) return undefined;
    if (bearer === tokenFor(`${origin}/mcp`) || (bearer.endsWith(".good") && has("audience is not checked"))) return undefined;
    if (has("bad tokens are forbidden")) return json(403, {});
    return this.challenge(has("bad tokens are not named") ? undefined : "invalid_token");
  }

  challenge(error?: string): Response {
    const { has, origin } = this;
    if (has("no challenge")) return json(401, {});
    const parts = [
      ...(error === undefined ? [] : [`error="${error}"`]),
      ...(has("ten:challenge names no metadata") ? [] : [`resource_metadata="${origin}${this.place()}"`]),
      ...(has("challenge without scope") ? [] : ['scope="note:read"']),
    ];
    return new Response("{}", {
      status: 401,
      headers: { "content-type": "application/json", "www-authenticate": `Bearer ${parts.join(", ")}` },
    });
  }

  place(): string {
    if (this.has("metadata is not where the challenge says")) return "/metadata";
    return `/.well-known/oauth-protected-resource${this.has("metadata at the root only") ? "" : "/mcp"}`;
  }

  modern(message: Message, headers: Headers): Response {
    const { has } = this;
    if (has("modern era is not spoken") || has("neither era is spoken")) return failure(400, message, -32600);
    const meta = message.params?.["_meta"] as Record<string, unknown>;
    const version = meta["io.modelcontextprotocol/protocolVersion"];
    const isTold = headers.get("mcp-method") === message.method && headers.get("mcp-protocol-version") === version;
    if (!isTold && !has("ten:headers are not compared")) return failure(400, message, -32020);
    if (version !== "2026-07-28" && !has("any version is good")) return failure(400, message, -32022, { supported: ["2026-07-28"] });
    const hints = has("lists have no cache hints") ? {} : { ttlMs: 0, cacheScope: "private" };
    const all = { ...hints, ...(has("results have no type") ? {} : { resultType: "complete" }) };
    switch (message.method) {
      case "server/discover":
        return success(message, {
          ...(has("discovery lacks versions") ? {} : { supportedVersions: ["2026-07-28"] }),
          capabilities: { tools: {} },
          ...all,
        });
      case "tools/list":
        return success(message, { tools: TOOLS, ...all });
      case "tools/call":
        return this.call(message);
      default:
        return failure(has("unknown methods get 200") ? 200 : 404, message, -32601);
    }
  }

  legacy(message: Message, headers: Headers): Response {
    const { has } = this;
    if (has("legacy era is not spoken") || has("neither era is spoken"))
      return failure(400, message, -32022, { supported: ["2026-07-28"] });
    if (message.method === "initialize") {
      const asked = message.params?.["protocolVersion"];
      const answer = success(message, {
        protocolVersion: has("legacy takes any version") ? asked : LEGACY,
        capabilities: {},
        serverInfo: {},
      });
      answer.headers.set("mcp-session-id", "session-1");
      return answer;
    }
    if (headers.get("mcp-session-id") !== "session-1" && !has("sessions are not checked")) return failure(404, message, -32001);
    if (message.id === undefined) return new Response(null, { status: 202 });
    if (message.method === "tools/list") return success(message, { tools: has("eras list different tools") ? TOOLS.slice(1) : TOOLS });
    if (message.method === "tools/call") return this.call(message);
    return message.method === "ping" ? success(message, {}) : failure(200, message, -32601);
  }

  call(message: Message): Response {
    const name = String(message.params?.["name"]);
    const isThere = TOOLS.some((tool) => tool.name === name) && !(this.has("ten:list and call disagree") && name === "read_note");
    if (!isThere && !this.has("unknown tools succeed")) return failure(200, message, -32602, undefined, `Unknown tool: ${name}`);
    if (isThere) this.called.push(name);
    if (name === "find_notes") return failure(200, message, -32602, undefined, "text is missing");
    if (name === "read_secret") {
      const told = this.has("scopes are not told") ? "" : ', error="insufficient_scope", scope="secret:read"';
      return new Response("{}", { status: 403, headers: { "www-authenticate": `Bearer realm="notes"${told}` } });
    }
    return success(message, { content: [], resultType: "complete" });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

function json(status: number, value: object): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}

function notFound(): Response {
  return json(404, { error: "not_found" });
}

function success({ id }: Message, result: object): Response {
  return json(200, { jsonrpc: "2.0", id, result });
}

function failure(...[status, { id }, code, data, message = "no"]: [number, Message, number, object?, string?]): Response {
  return json(status, { jsonrpc: "2.0", id, error: { code, message, data } });
}
