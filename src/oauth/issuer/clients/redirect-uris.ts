import { isIP } from "node:net";
import { isPublicAddress } from "../../../lib/public-address.ts";

const MAX_URI_CHARS = 2048;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);
/** Scheme and host, the port when there is one, and the rest from its first `/` or `?` on. */
const LOOPBACK_URI = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::(\d{1,5}))?((?:[/?].*)?)$/;
const MAX_PORT = 65_535;
/** What may stand in a URI (RFC 3986), without the percent-encoded forms of characters that change how one is read. */
const URI_CHARACTERS = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/;

/** Schemes that run, show or fetch something themselves instead of waking the app that asked; also those of system tools. */
const NOT_FOR_APPS =
  /^(?:about|blob|chrome|chrome-.*|content|data|devtools|edge|feed|file|filesystem|ftp|ftps|gopher|intent|jar|javascript|ldap|ldaps|livescript|localhost|mailto|mhtml|mocha|moz-.*|ms-.*|nfs|resource|search|search-ms|sftp|sms|smb|smsto|ssh|tel|telnet|urn|vbscript|view-source|vnc|ws|wss):$/;

/**
 * What is wrong with a redirect URI that a client wants to use, as the end of a sentence; undefined when nothing is. https everywhere, http on
 * the person's own computer, or a private-use scheme of an app (RFC 8252 §7). It is compared as text later, so it must be written in one way only.
 */
export function checkRedirectUri(uri: string): string | undefined {
  if (uri.length > MAX_URI_CHARS) return `is longer than ${MAX_URI_CHARS} characters`;
  const url = URI_CHARACTERS.test(uri) ? URL.parse(uri) : null;
  if (url === null) return "is no absolute URI (RFC 3986)";
  if (uri.includes("#")) return "has a fragment; leave it out";
  if (url.protocol !== "https:" && url.protocol !== "http:") return checkPrivateUse(uri, url);
  if (url.username !== "" || url.password !== "" || authorityOf(uri).includes("@")) return "has a user name or password in it";
  if (url.href !== uri && url.href !== `${uri}/`) return "is not in its plain form; write host and path as a browser would send them";
  if (url.hostname.endsWith(".")) return "has a host that ends with a dot";
  if (url.protocol === "https:" || LOOPBACK_HOSTS.has(url.hostname)) return checkHost(url.hostname);
  return "uses http; use https, or http with the host 127.0.0.1, [::1] or localhost";
}

function checkPrivateUse(uri: string, { protocol }: URL): string | undefined {
  if (NOT_FOR_APPS.test(protocol)) return "has a scheme that no app can own";
  if (!uri.startsWith(protocol)) return "has capital letters in its scheme";
  return authorityOf(uri).includes("@") ? "has a user name or password in it" : undefined;
}

function checkHost(hostname: string): string | undefined {
  const literal = hostname.replace(/^\[|\]$/g, "");
  if (isIP(literal) === 0 || LOOPBACK_HOSTS.has(hostname) || isPublicAddress(literal)) return undefined;
  return "has a private address for a host; use a name";
}

function authorityOf(uri: string): string {
  return /^[^:]*:\/\/([^/?#]*)/.exec(uri)?.[1] ?? "";
}

/**
 * Whether an authorization request may name this redirect URI: byte for byte one of those registered, but for the port on the loopback
 * interface, which a native app is given when it starts (RFC 8252 §7.3). `localhost` counts, as real clients use it.
 */
export function isRedirectUriAllowed(registered: readonly string[], uri: string): boolean {
  if (registered.includes(uri)) return true;
  const asked = withoutPort(uri);
  return asked !== undefined && registered.some((one) => withoutPort(one) === asked);
}

function withoutPort(uri: string): string | undefined {
  const [, origin, port = "80", rest] = LOOPBACK_URI.exec(uri) ?? [];
  if (origin === undefined || rest === undefined || Number(port) > MAX_PORT || port.startsWith("0")) return undefined;
  return origin + rest;
}

/** Whether the answer goes to a program on the person's own computer. */
export function isLoopbackRedirect(uri: string): boolean {
  const url = URL.parse(uri);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK_HOSTS.has(url.hostname);
}

/** Whether the answer goes to an app by a scheme of its own, such as `cursor:`. */
export function isPrivateUseRedirect(uri: string): boolean {
  const url = URL.parse(uri);
  return url !== null && !/^https?:$/.test(url.protocol);
}

/**
 * Who gets the answer, to show to people and to remember a consent by: the host with its port; without port on the loopback interface, where
 * it changes each time; the scheme for apps.
 */
export function redirectHost(redirectUri: string): string {
  const url = URL.parse(redirectUri);
  if (url === null) return "";
  if (isPrivateUseRedirect(redirectUri)) return url.protocol;
  return isLoopbackRedirect(redirectUri) ? url.hostname : url.host;
}
