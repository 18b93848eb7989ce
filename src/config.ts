import * as z from "zod";
import { BootError } from "./errors.ts";

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
  REMIT_MAX_BODY_BYTES: z.coerce.number().int().min(1024).max(16_777_216).default(262_144).describe("Largest request body in bytes."),
  REMIT_RATE_PER_SECOND: z.coerce.number().positive().default(100).describe("Requests per second that one agent may make over time."),
  REMIT_RATE_BURST: z.coerce.number().positive().default(200).describe("Requests that one agent may make at once."),
  REMIT_ACCESS_TOKEN_TTL_SECONDS: z.coerce.number().int().min(60).max(86_400).default(900).describe("Life of an access token in seconds."),
  REMIT_KEY_ROTATION_DAYS: z.coerce.number().positive().default(90).describe("Days after which a new signing key takes over."),
  REMIT_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(600)
    .default(10)
    .describe("Seconds that calls in flight get to finish when the server stops."),
  REMIT_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info").describe("Least level that is logged to stderr."),
} as const;

const schema = z.object(OPTIONS);

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
  readonly maxBodyBytes: number;
  readonly ratePerSecond: number;
  readonly rateBurst: number;
  readonly accessTokenTtlSeconds: number;
  readonly keyRotationDays: number;
  readonly drainSeconds: number;
  readonly logLevel: string;
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
    maxBodyBytes: options.REMIT_MAX_BODY_BYTES,
    ratePerSecond: options.REMIT_RATE_PER_SECOND,
    rateBurst: options.REMIT_RATE_BURST,
    accessTokenTtlSeconds: options.REMIT_ACCESS_TOKEN_TTL_SECONDS,
    keyRotationDays: options.REMIT_KEY_ROTATION_DAYS,
    drainSeconds: options.REMIT_DRAIN_SECONDS,
    logLevel: options.REMIT_LOG_LEVEL,
  };
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
