/** Where records are passed on to, as a setting says it. */
export type FeedTarget =
  | { readonly kind: "syslog"; readonly host: string; readonly port: number; readonly isTls: boolean }
  | { readonly kind: "otlp"; readonly url: string };

const SYSLOG_PORTS = { tcp: 514, tls: 6514 };

/** `syslog+tcp://HOST[:PORT]`, `syslog+tls://HOST[:PORT]`, or the URL of an OTLP/HTTP logs endpoint; undefined for anything else. */
export function parseFeedTarget(text: string): FeedTarget | undefined {
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || url.username !== "") return undefined;
  if (url.protocol === "https:" || url.protocol === "http:") return { kind: "otlp", url: text };
  const [, way] = /^syslog\+(tcp|tls):$/.exec(url.protocol) ?? [];
  if (way !== "tcp" && way !== "tls") return undefined;
  const port = url.port === "" ? SYSLOG_PORTS[way] : Number(url.port);
  return { kind: "syslog", host: url.hostname.replace(/^\[|\]$/g, ""), port, isTls: way === "tls" };
}
