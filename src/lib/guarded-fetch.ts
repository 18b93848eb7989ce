import { lookup as systemLookup } from "node:dns/promises";
import type { IncomingMessage, RequestOptions } from "node:http";
import { isIP, type LookupFunction } from "node:net";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { isPublicAddress } from "./public-address.ts";

// See src/http/listen.ts.
const { request: requestHttp } = process.getBuiltinModule("node:http");
const { Agent, request: requestHttps } = process.getBuiltinModule("node:https");

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface GuardedFetchOptions {
  /** `host` or `host:port`; these are contacted although they are not public, over plain http too. For tests and intranets. */
  readonly allowedHosts?: readonly string[];
  /** Certificate authorities (PEM), trusted beside the system's. */
  readonly ca?: string;
  readonly lookup?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
  /** For everything from the name lookup to the last byte. Default 5000. */
  readonly timeoutMs?: number;
}

export interface GuardedRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default 65 536. */
  readonly maxBodyBytes?: number;
}

export interface GuardedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface StreamedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

export interface StreamedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * As GuardedFetch, but the body is handed on as it comes, without a limit of size or time: for a server that the operator named, and whose
 * answers may take long.
 */
export type GuardedStream = (url: URL, request: StreamedRequest) => Promise<StreamedResponse>;

/** Throws FetchRefusedError, and nothing else. Redirects are not followed: their status is returned. */
export type GuardedFetch = (url: string | URL, init?: GuardedRequest) => Promise<GuardedResponse>;

export type FetchRefusal =
  /** No absolute URL, or one with a name or password in it. */
  | "url"
  /** Not https. */
  | "scheme"
  /** One below 1024 that is not 443, where no web server is to be expected. */
  | "port"
  /** The name has no address. */
  | "name"
  /** One of the name's addresses is not public. */
  | "address"
  /** No connection, or none with a valid certificate. */
  | "connection"
  | "timeout"
  /** The answer is compressed, which was not asked for. */
  | "encoding"
  | "too_large";

/** The fetch did not take place or was broken off. Carries nothing that the other side sent. */
export class FetchRefusedError extends Error {
  readonly reason: FetchRefusal;

  constructor(reason: FetchRefusal) {
    super(`The fetch was refused: ${reason}.`);
    this.name = "FetchRefusedError";
    this.reason = reason;
  }
}

const TIMEOUT_MS = 5000;
const MAX_BODY_BYTES = 65_536;
const MAX_SYSTEM_PORT = 1023;

/**
 * The only way out of this process: for URLs that others chose. The name is looked up once and every address checked; the connection goes
 * to those addresses and to no others, so that a name which changes its mind cannot lead elsewhere. No proxy is used, as it would look up again.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const allowed = new Set(options.allowedHosts?.map((host) => host.toLowerCase()));
  const resolve = options.lookup ?? resolveBySystem;
  const trust = trusting(options.ca);

  return async (given, init = {}) => {
    const url = parseTarget(given, allowed);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), options.timeoutMs ?? TIMEOUT_MS);
    try {
      const addresses = await until(deadline.signal, addressesOf(url.hostname, resolve));
      if (!isAllowed(url, allowed) && !addresses.every(({ address }) => isPublicAddress(address))) throw new FetchRefusedError("address");
      return await send({ url, init, addresses, signal: deadline.signal, trust });
    } finally {
      clearTimeout(timer);
    }
  };
}

/** How to reach servers that the operator named, with the same care. `timeoutMs` is for the name lookup only. */
export function createGuardedStream(options: GuardedFetchOptions = {}): GuardedStream {
  const allowed = new Set(options.allowedHosts?.map((host) => host.toLowerCase()));
  const trust = trusting(options.ca);
  return async (given, { method, headers, body = "", signal }) => {
    const url = parseTarget(given, allowed);
    const lookupSignal = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)]);
    const addresses = await until(lookupSignal, addressesOf(url.hostname, options.lookup ?? resolveBySystem));
    if (!isAllowed(url, allowed) && !addresses.every(({ address }) => isPublicAddress(address))) throw new FetchRefusedError("address");
    const length = method === "POST" ? { "content-length": String(Buffer.byteLength(body)) } : {};
    const sent: RequestOptions = { method, headers: { ...headers, ...length }, lookup: pinned(addresses), signal };
    const response = await open(url, sent, { body, trust }).catch(() => {
      throw new FetchRefusedError("connection");
    });
    if ((response.headers["content-encoding"] ?? "identity") !== "identity") {
      response.destroy();
      throw new FetchRefusedError("encoding");
    }
    return { status: response.statusCode ?? 0, headers: headersOf(response), body: response };
  };
}

/** What a connection trusts. */
type Trust = () => { readonly secureContext?: SecureContext };

/** Certificates are read once and when they are needed: reading those of all authorities takes some 10 ms of computing. Sessions are not kept here. */
function trusting(ca: string | undefined): Trust {
  if (ca === undefined) return () => ({});
  let secureContext: SecureContext | undefined;
  return () => ({ secureContext: (secureContext ??= createSecureContext({ ca: [...getCACertificates("default"), ca] })) });
}

function parseTarget(given: string | URL, allowed: ReadonlySet<string>): URL {
  const url = URL.parse(String(given));
  if (url === null || url.username !== "" || url.password !== "") throw new FetchRefusedError("url");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isAllowed(url, allowed))) throw new FetchRefusedError("scheme");
  if (url.port !== "" && Number(url.port) <= MAX_SYSTEM_PORT && !isAllowed(url, allowed)) throw new FetchRefusedError("port");
  return url;
}

function isAllowed({ hostname, port, protocol }: URL, allowed: ReadonlySet<string>): boolean {
  const usual = protocol === "https:" ? "443" : "80";
  return allowed.has(hostname) || allowed.has(`${hostname}:${port === "" ? usual : port}`);
}

async function resolveBySystem(hostname: string): Promise<readonly ResolvedAddress[]> {
  const found = await systemLookup(hostname, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

async function addressesOf(hostname: string, resolve: typeof resolveBySystem): Promise<readonly ResolvedAddress[]> {
  const literal = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family: family === 6 ? 6 : 4 }];
  const found = await resolve(hostname).catch(() => []);
  if (found.length === 0) throw new FetchRefusedError("name");
  return found;
}

/** The promise, or the end of the time; a name lookup cannot be broken off, only left alone. */
async function until<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new FetchRefusedError("timeout"));
  signal.addEventListener("abort", end);
  try {
    return await Promise.race([promise, over]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

interface Sending {
  readonly url: URL;
  readonly init: GuardedRequest;
  readonly addresses: readonly ResolvedAddress[];
  readonly signal: AbortSignal;
  readonly trust: Trust;
}

async function send({ url, init, addresses, signal, trust }: Sending): Promise<GuardedResponse> {
  const { method = "GET", headers = {}, body = "", maxBodyBytes = MAX_BODY_BYTES } = init;
  const options: RequestOptions = {
    method,
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
    lookup: pinned(addresses),
    signal,
  };
  if (method === "GET") options.headers = { ...headers };
  try {
    const response = await open(url, options, { body, trust });
    return { status: response.statusCode ?? 0, headers: headersOf(response), text: await readText(response, maxBodyBytes) };
  } catch (error) {
    if (error instanceof FetchRefusedError) throw error;
    throw new FetchRefusedError(signal.aborted ? "timeout" : "connection");
  }
}

/** An agent of its own for each request: no connection or TLS session is shared, and settings of the environment do not apply. */
function open(
  url: URL,
  options: RequestOptions,
  { body, trust }: { readonly body: string } & Pick<Sending, "trust">,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request =
    url.protocol === "https:"
      ? requestHttps(url, { ...options, agent: new Agent({ keepAlive: false, maxCachedSessions: 0, ...trust() }) }, resolve)
      : requestHttp(url, { ...options, agent: false }, resolve);
  request.on("error", reject);
  request.end(body);
  return promise;
}

function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) for (const value of values) headers.append(name, value);
  return headers;
}

async function readText(response: IncomingMessage, maxBodyBytes: number): Promise<string> {
  const encoding = response.headers["content-encoding"] ?? "identity";
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    if (encoding !== "identity") throw new FetchRefusedError("encoding");
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) throw new FetchRefusedError("too_large");
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
