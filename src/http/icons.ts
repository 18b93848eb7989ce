import { refuse, type Refusal } from "../errors.ts";
import { replyRefusal } from "../mcp/index.ts";
import type { IconFile } from "../tool/index.ts";
import type { Endpoint } from "./mcp-endpoint.ts";
import { createReply } from "./reply.ts";

/** An SVG that is opened as a page may draw and style itself, and nothing else. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'";

/** The icon files of declarations, to everybody: clients fetch icons without credentials (MCP 2026-07-28 `Icon`). Their names change with their content. */
export function createIconEndpoint(icons: ReadonlyMap<string, IconFile>): Endpoint {
  return (req, res) => {
    const icon = icons.get((req.url ?? "").replace(/\?.*$/s, ""));
    const isRead = req.method === "GET" || req.method === "HEAD";
    const refusal: Refusal | undefined = !isRead
      ? refuse("method_not_allowed", { message: "Use GET.", headers: { allow: "GET, HEAD" } })
      : icon === undefined
        ? refuse("not_found")
        : undefined;
    if (refusal !== undefined || icon === undefined) {
      replyRefusal({ reply: createReply(res) }, refusal ?? refuse("not_found"));
      req.resume();
      return;
    }
    res.writeHead(200, {
      "Content-Type": icon.mimeType,
      "Content-Length": icon.bytes.length,
      "Cache-Control": "public, max-age=31536000, immutable",
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "X-Content-Type-Options": "nosniff",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    res.end(req.method === "HEAD" ? undefined : icon.bytes);
  };
}
