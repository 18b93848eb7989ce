import * as z from "zod";
import { BootError } from "./errors.ts";
import { isNetwork } from "./lib/client-address/index.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const list = z.string().transform((text) => text.split(/[\s,]+/).filter((part) => part !== ""));

/** Every option that the environment sets: name, unit, default and meaning. `docs/reference/configuration.md` is compared with it. */
export const OPTIONS = {
  HOST: z.string().default("127.0.0.1").describe("Address to listen on."),
  PORT: port.default(3000).describe("TCP port to listen on; 0 takes a free one."),
  REMIT_DATA: z.string().min(1).default("./data").describe("Folder of the embedded database, the ledger and the master key."),
  REMIT_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "Public origin, such as https://mcp.example.com. It is the issuer; the MCP resource is this origin and /mcp. Default: http://HOST:PORT.",
    ),
  REMIT_DATABASE_URL: z.string().optional().describe("postgres:// URL. When set, PostgreSQL is used instead of the embedded database."),
  REMIT_NODE_ID: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .default("main")
    .describe("Name of this process's ledger chain on a shared database."),
  REMIT_MASTER_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional()
    .describe(
      "32 random bytes in base64url, from which all keys at rest are derived. Default: made once and kept in the data folder, readable by its owner only.",
    ),
  REMIT_ALLOWED_ORIGINS: list
    .optional()
    .describe(
      "Web origins that may call from a browser, separated by commas. Default: the public origin, and loopback origins while the public origin is loopback.",
    ),
  REMIT_ALLOWED_HOSTS: list.optional().describe("Host header values that are served, beside that of the public origin."),
  REMIT_TRUSTED_PROXIES: list
    .optional()
    .describe(
      "Addresses or networks (192.0.2.0/24) of the proxies in front, separated by commas. What they say in X-Forwarded-For is where a caller is. Default: none.",
    ),
  REMIT_MAX_BODY_BYTES: z.coerce.number().int().min(1024).max(16_777_216).default(262_144).describe("Largest request body in bytes."),
  REMIT_RATE_PER_SECOND: z.coerce.number().positive().default(100).describe("Requests per second that one agent may make over time."),
  REMIT_RATE_BURST: z.coerce.number().positive().default(200).describe("Requests that one agent may make at once."),
  REMIT_ACCESS_TOKEN_TTL_SECONDS: z.coerce.number().int().min(60).max(86_400).default(900).describe("Life of an access token in seconds."),
  REMIT_KEY_ROTATION_DAYS: z.coerce.number().positive().default(90).describe("Days after which a new signing key takes over."),
  REMIT_REFRESH_GRACE_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(600)
    .default(60)
    .describe("Seconds in which a refresh token that was used is answered with the same new tokens again; 0 is strict."),
  REMIT_REFRESH_IDLE_DAYS: z.coerce.number().positive().max(365).default(14).describe("Days after which an unused refresh token ends."),
  REMIT_REFRESH_MAX_DAYS: z.coerce
    .number()
    .positive()
    .max(3650)
    .default(90)
    .describe("Days after which a person must sign in again, however often tokens were refreshed."),
  REMIT_REGISTRATION: z
    .enum(["on", "off"])
    .default("on")
    .describe("Whether clients may register themselves (RFC 7591). Client ID metadata documents work in either case."),
  REMIT_MAX_REGISTERED_CLIENTS: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe("How many clients that registered themselves are kept."),
  REMIT_SELF_REGISTERED_SCOPES: z
    .string()
    .optional()
    .describe("Scopes, separated by spaces, that a person may grant to clients that no operator made. Default: all."),
  REMIT_SIGN_IN_ISSUER: z
    .url()
    .optional()
    .describe("An OpenID Connect provider where people may sign in too. Needs the two settings that follow."),
  REMIT_SIGN_IN_CLIENT_ID: z.string().optional().describe("This server's client id at that provider."),
  REMIT_SIGN_IN_CLIENT_SECRET: z.string().optional().describe("This server's client secret at that provider."),
  REMIT_ENTERPRISE_ISSUER: z
    .url()
    .optional()
    .describe("An identity provider whose ID-JAG assertions are accepted (MCP enterprise-managed authorization)."),
  REMIT_ENTERPRISE_JWKS_URI: z.url().optional().describe("Where its keys are. Default: as its discovery document says."),
  REMIT_EXTERNAL_ISSUER: z
    .url()
    .optional()
    .describe(
      "Another authorization server whose access tokens are accepted in the place of our own. Then only resource metadata is served.",
    ),
  REMIT_EXTERNAL_JWKS_URI: z.url().optional().describe("Where its keys are. Default: as its metadata says."),
  REMIT_EXTERNAL_INTROSPECTION_URI: z
    .url()
    .optional()
    .describe("Its introspection endpoint (RFC 7662), for tokens that are not JWTs. Needs the two settings that follow."),
  REMIT_EXTERNAL_CLIENT_ID: z.string().optional().describe("This server's client id there, to introspect."),
  REMIT_EXTERNAL_CLIENT_SECRET: z.string().optional().describe("This server's client secret there."),
  REMIT_EXTERNAL_AUDIENCE: z.string().optional().describe("The audience that its tokens must name. Default: the MCP URL."),
  REMIT_EXTERNAL_TOKEN_TYPE: z.string().default("at+jwt").describe("The `typ` that its tokens must have; `any` for none."),
  REMIT_EXTERNAL_SCOPE_CLAIM: z.string().default("scope").describe("The claim that holds the scopes."),
  REMIT_EXTERNAL_CLIENT_CLAIM: z.string().default("client_id").describe("The claim that names the client."),
  REMIT_FETCH_ALLOWED_HOSTS: list
    .optional()
    .describe("Hosts (name or name:port) that the server may contact although they are not on the public internet."),
  REMIT_FETCH_CA: z
    .string()
    .optional()
    .describe("File with certificate authorities (PEM) that the server trusts beside the system's when it contacts others."),
  REMIT_SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe(
      "smtp:// or smtps:// URL of the server that takes our mails. Default: none are sent, and links stand in answers. Needs the setting that follows.",
    ),
  REMIT_MAIL_FROM: z
    .string()
    .regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/)
    .optional()
    .describe("Address that our mails come from."),
  REMIT_SSE: z
    .enum(["on", "off"])
    .default("on")
    .describe("Whether HTTP+SSE is served at /sse, for clients that know no revision of MCP after 2024-11-05."),
  REMIT_MANIFEST: z
    .enum(["on", "off"])
    .default("on")
    .describe("Whether the signed manifest of all tools is served to everybody at /.well-known/mcp-manifest.json."),
  REMIT_STREAM_SECONDS: z.coerce
    .number()
    .positive()
    .default(60)
    .describe("Seconds after which the stream of a running call is closed for a client that can come back for the rest (MCP 2025-11-25)."),
  REMIT_APPROVALS: z
    .enum(["destructive", "off"])
    .default("destructive")
    .describe("Which calls run only after a person has approved them: all destructive ones, or none."),
  REMIT_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(600)
    .default(10)
    .describe("Seconds that calls in flight get to finish when the server stops."),
  REMIT_LEAVE_SECONDS: z.coerce
    .number()
    .min(0)
    .max(600)
    .default(0)
    .describe("Seconds before that in which calls are still taken while /readyz says 503, so that a load balancer sends no more of them."),
  REMIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe("Days after which records lose their text; their hashes stay, so that proofs hold. Default: all is kept."),
  REMIT_ANCHOR: z
    .string()
    .optional()
    .describe(
      "File to which signed checkpoints of the ledger are added, or https URL to which each is sent. Keep it where this server's owner cannot change it.",
    ),
  REMIT_SIEM: z
    .string()
    .optional()
    .describe(
      "Where every record is passed on to: syslog+tls://HOST[:PORT], syslog+tcp://HOST[:PORT], or the URL of an OTLP/HTTP logs endpoint.",
    ),
  REMIT_SIEM_TOKEN: z.string().optional().describe("Bearer token for that OTLP endpoint."),
  REMIT_METRICS: z
    .string()
    .regex(/^.+:\d{1,5}$/, "write HOST:PORT, such as 127.0.0.1:9464")
    .optional()
    .describe("HOST:PORT of a listener for Prometheus at /metrics, such as 127.0.0.1:9464. Without it nothing is measured."),
  REMIT_METRICS_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe("Bearer token that who reads the metrics must send; required when REMIT_METRICS is no loopback address."),
  REMIT_TRACING: z
    .enum(["native", "propagation_only", "off"])
    .default("native")
    .describe("Spans through the OpenTelemetry API: made, or only the client's trace passed on, or neither."),
  REMIT_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info").describe("Least level that is logged to stderr."),
} as const;

const schema = z.object(OPTIONS);

/** Another authorization server whose tokens are accepted. */
export interface ExternalIssuer {
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly introspection: { readonly uri: string; readonly clientId: string; readonly clientSecret: string } | undefined;
  readonly audience: string | undefined;
  /** `any` for none in particular. */
  readonly tokenType: string;
  readonly scopeClaim: string;
  readonly clientClaim: string;
}

/** Settings of one server, checked. Times carry their unit in the name. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Undefined until the port is known. */
  readonly url: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly nodeId: string;
  readonly masterKey: string | undefined;
  readonly allowedOrigins: readonly string[] | undefined;
  readonly allowedHosts: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly maxBodyBytes: number;
  readonly ratePerSecond: number;
  readonly rateBurst: number;
  readonly accessTokenTtlSeconds: number;
  readonly keyRotationDays: number;
  readonly refresh: { readonly graceSeconds: number; readonly idleSeconds: number; readonly maxSeconds: number };
  readonly registration: { readonly isEnabled: boolean; readonly maxClients: number };
  /** Undefined for all. */
  readonly selfRegisteredScopes: string | undefined;
  readonly signIn: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string } | undefined;
  readonly enterprise: { readonly issuer: string; readonly jwksUri: string | undefined } | undefined;
  readonly external: ExternalIssuer | undefined;
  readonly fetchAllowedHosts: readonly string[];
  readonly fetchCaFile: string | undefined;
  readonly smtp: { readonly smtpUrl: string | undefined; readonly from: string | undefined };
  readonly approvalsFor: "destructive" | "off";
  readonly hasSse: boolean;
  readonly hasManifest: boolean;
  readonly streamSeconds: number;
  readonly drainSeconds: number;
  readonly leaveSeconds: number;
  readonly logLevel: string;
  /** What becomes of records; undefined for never and nowhere. */
  readonly ledger: {
    readonly retentionDays: number | undefined;
    readonly anchor: string | undefined;
    readonly siem: string | undefined;
    readonly siemToken: string | undefined;
  };
  /** Where metrics are served; undefined for nowhere. */
  readonly metrics: { readonly host: string; readonly port: number; readonly token: string | undefined } | undefined;
  readonly tracing: "native" | "propagation_only" | "off";
}

/** Reads the options from environment variables; empty ones count as absent. Throws BootError that names each bad one. */
export function parseConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.keys(OPTIONS).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const result = schema.safeParse(given);
  if (!result.success) throw new BootError(result.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`));
  const options = result.data;
  return {
    host: options.HOST,
    port: options.PORT,
    dataDir: options.REMIT_DATA,
    url: options.REMIT_URL === undefined ? undefined : parsePublicUrl(options.REMIT_URL),
    databaseUrl: options.REMIT_DATABASE_URL,
    nodeId: options.REMIT_NODE_ID,
    masterKey: options.REMIT_MASTER_KEY,
    allowedOrigins: options.REMIT_ALLOWED_ORIGINS,
    allowedHosts: options.REMIT_ALLOWED_HOSTS ?? [],
    trustedProxies: parseProxies(options.REMIT_TRUSTED_PROXIES),
    maxBodyBytes: options.REMIT_MAX_BODY_BYTES,
    ratePerSecond: options.REMIT_RATE_PER_SECOND,
    rateBurst: options.REMIT_RATE_BURST,
    accessTokenTtlSeconds: options.REMIT_ACCESS_TOKEN_TTL_SECONDS,
    keyRotationDays: options.REMIT_KEY_ROTATION_DAYS,
    refresh: {
      graceSeconds: options.REMIT_REFRESH_GRACE_SECONDS,
      idleSeconds: options.REMIT_REFRESH_IDLE_DAYS * DAY_SECONDS,
      maxSeconds: options.REMIT_REFRESH_MAX_DAYS * DAY_SECONDS,
    },
    registration: { isEnabled: options.REMIT_REGISTRATION === "on", maxClients: options.REMIT_MAX_REGISTERED_CLIENTS },
    selfRegisteredScopes: options.REMIT_SELF_REGISTERED_SCOPES,
    signIn: parseSignIn(options),
    enterprise:
      options.REMIT_ENTERPRISE_ISSUER === undefined
        ? undefined
        : { issuer: options.REMIT_ENTERPRISE_ISSUER, jwksUri: options.REMIT_ENTERPRISE_JWKS_URI },
    external: parseExternal(options),
    fetchAllowedHosts: options.REMIT_FETCH_ALLOWED_HOSTS ?? [],
    fetchCaFile: options.REMIT_FETCH_CA,
    smtp: parseSmtp(options),
    approvalsFor: options.REMIT_APPROVALS,
    hasManifest: options.REMIT_MANIFEST === "on",
    hasSse: options.REMIT_SSE === "on",
    streamSeconds: options.REMIT_STREAM_SECONDS,
    drainSeconds: options.REMIT_DRAIN_SECONDS,
    leaveSeconds: options.REMIT_LEAVE_SECONDS,
    logLevel: options.REMIT_LOG_LEVEL,
    ledger: {
      retentionDays: options.REMIT_RETENTION_DAYS,
      anchor: options.REMIT_ANCHOR,
      siem: options.REMIT_SIEM,
      siemToken: options.REMIT_SIEM_TOKEN,
    },
    metrics: parseMetrics(options.REMIT_METRICS, options.REMIT_METRICS_TOKEN),
    tracing: options.REMIT_TRACING,
  };
}

/** What a server does is no affair of everybody who reaches its port. */
function parseMetrics(place: string | undefined, token: string | undefined): Config["metrics"] {
  if (place === undefined) return undefined;
  const colon = place.lastIndexOf(":");
  const [host, number] = [place.slice(0, colon).replace(/^\[|\]$/g, ""), Number(place.slice(colon + 1))];
  if (number > 65_535) throw new BootError(["REMIT_METRICS: a port is at most 65535"]);
  if (token === undefined && !isLoopbackHost(host.includes(":") ? `[${host}]` : host))
    throw new BootError([`REMIT_METRICS: ${host} is no loopback address, so set REMIT_METRICS_TOKEN to what readers must send`]);
  return { host, port: number, token };
}

const DAY_SECONDS = 86_400;

function parseProxies(given: readonly string[] = []): readonly string[] {
  const bad = given.filter((network) => !isNetwork(network));
  if (bad.length > 0)
    throw new BootError(bad.map((each) => `REMIT_TRUSTED_PROXIES: ${each} is no address, and no network such as 192.0.2.0/24`));
  return given;
}

type Options = z.infer<typeof schema>;

function parseSignIn(options: Options): Config["signIn"] {
  const { REMIT_SIGN_IN_ISSUER: issuer, REMIT_SIGN_IN_CLIENT_ID: clientId, REMIT_SIGN_IN_CLIENT_SECRET: clientSecret } = options;
  if (issuer === undefined) return undefined;
  if (clientId === undefined || clientSecret === undefined)
    throw new BootError(["REMIT_SIGN_IN_ISSUER: set REMIT_SIGN_IN_CLIENT_ID and REMIT_SIGN_IN_CLIENT_SECRET too"]);
  return { issuer, clientId, clientSecret };
}

function parseSmtp({ REMIT_SMTP_URL: smtpUrl, REMIT_MAIL_FROM: from }: Options): Config["smtp"] {
  if (smtpUrl !== undefined && from === undefined) throw new BootError(["REMIT_SMTP_URL: set REMIT_MAIL_FROM too"]);
  return { smtpUrl, from };
}

function parseExternal(options: Options): ExternalIssuer | undefined {
  const issuer = options.REMIT_EXTERNAL_ISSUER;
  if (issuer === undefined) return undefined;
  return {
    issuer,
    jwksUri: options.REMIT_EXTERNAL_JWKS_URI,
    introspection: parseIntrospection(options),
    audience: options.REMIT_EXTERNAL_AUDIENCE,
    tokenType: options.REMIT_EXTERNAL_TOKEN_TYPE,
    scopeClaim: options.REMIT_EXTERNAL_SCOPE_CLAIM,
    clientClaim: options.REMIT_EXTERNAL_CLIENT_CLAIM,
  };
}

function parseIntrospection(options: Options): ExternalIssuer["introspection"] {
  const uri = options.REMIT_EXTERNAL_INTROSPECTION_URI;
  if (uri === undefined) return undefined;
  const { REMIT_EXTERNAL_CLIENT_ID: clientId, REMIT_EXTERNAL_CLIENT_SECRET: clientSecret } = options;
  if (clientId === undefined || clientSecret === undefined)
    throw new BootError(["REMIT_EXTERNAL_INTROSPECTION_URI: set REMIT_EXTERNAL_CLIENT_ID and REMIT_EXTERNAL_CLIENT_SECRET too"]);
  return { uri, clientId, clientSecret };
}

/** The origin of a server with these settings: the public one, or where it listens. With port 0 that is known only once it does. */
export function originOf({ url, host, port }: Pick<Config, "url" | "host" | "port">): string {
  return url ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.has(hostname);
}

/** The issuer is compared byte for byte by clients, so the origin must be written in its canonical form (RFC 8414 §3.3). */
function parsePublicUrl(url: string): string {
  const { origin, protocol, hostname } = new URL(url);
  if (url !== origin) throw new BootError([`REMIT_URL: write it as a bare origin, "${origin}", without a path or a trailing slash`]);
  if (protocol !== "https:" && !isLoopbackHost(hostname))
    throw new BootError(["REMIT_URL: use https; plain http is only for loopback addresses"]);
  return origin;
}
