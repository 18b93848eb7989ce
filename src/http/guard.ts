import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopbackHost } from "../config.ts";
import { refuse, type Refusal } from "../errors.ts";

/** Who may reach the server from where, as far as the headers of a browser tell (DNS rebinding, cross-site requests). */
export interface Guard {
  /** A refusal for a Host that is not served (MCP 2026-07-28 transports, security). */
  checkHost(req: IncomingMessage): Refusal | undefined;
  /** A refusal for a web origin that may not call; sets the CORS headers for one that may. */
  checkOrigin(req: IncomingMessage, res: ServerResponse): Refusal | undefined;
}

export interface GuardOptions {
  /** The public origin. */
  readonly url: string;
  readonly allowedHosts: readonly string[];
  /** Undefined: the public origin, and every loopback origin while that is one. */
  readonly allowedOrigins: readonly string[] | undefined;
}

const ALLOWED_HEADERS =
  "Authorization, DPoP, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID";
const EXPOSED_HEADERS = "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After";
const PREFLIGHT_SECONDS = "600";

export function createGuard(options: GuardOptions): Guard {
  const url = new URL(options.url);
  const hosts = new Set([url.host, ...options.allowedHosts].map((host) => host.toLowerCase()));
  const origins = new Set(options.allowedOrigins ?? [url.origin]);
  const isLocal = isLoopbackHost(url.hostname);
  const takesLoopbackOrigins = isLocal && options.allowedOrigins === undefined;
  return {
    checkHost({ headers }) {
      const host = headers.host ?? "";
      if (hosts.has(host)) return undefined;
      // No name but these three resolves to loopback for an attacker, whatever the port; a rebound name stays a foreign name.
      if (hosts.has(host.toLowerCase()) || (isLocal && isLoopback(`http://${host}`))) return undefined;
      return refuse("host_not_allowed");
    },
    checkOrigin({ headers }, res) {
      const { origin } = headers;
      if (origin === undefined) return undefined;
      if (!origins.has(origin) && !(takesLoopbackOrigins && isLoopback(origin))) return refuse("origin_not_allowed");
      res.setHeader("Access-Control-Allow-Origin", origin);
      res.setHeader("Access-Control-Expose-Headers", EXPOSED_HEADERS);
      res.setHeader("Vary", "Origin");
      return undefined;
    },
  };
}

function isLoopback(origin: string): boolean {
  const url = URL.parse(origin);
  // A host that carries more than name and port (user info, a path) is none.
  return (
    url !== null &&
    url.protocol.startsWith("http") &&
    isLoopbackHost(url.hostname) &&
    url.pathname === "/" &&
    url.username === "" &&
    url.search === ""
  );
}

/** Answers a CORS preflight. It stands before the bearer gate, because browsers send it without a token. */
export function replyPreflight(req: IncomingMessage, res: ServerResponse, methods: string): void {
  // Mcp-Param-* names come from the tools, so the asked-for ones of that form are allowed too.
  const asked = (req.headers["access-control-request-headers"] ?? "").split(",");
  const params = asked.map((name) => name.trim()).filter((name) => /^mcp-param-[\w-]+$/i.test(name));
  res.writeHead(204, {
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Allow-Headers": [ALLOWED_HEADERS, ...params].join(", "),
    "Access-Control-Max-Age": PREFLIGHT_SECONDS,
  });
  res.end();
}
