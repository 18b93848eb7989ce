import type { IncomingMessage } from "node:http";
import { countAuthorization } from "../count-authorization.ts";
import { OAuthError } from "../oauth-error.ts";
import { addressOf } from "../../lib/client-address/index.ts";

/** The form of a request to an endpoint for clients, and what proves who sends it. */
export interface FormRequest {
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
  /** The DPoP header (RFC 9449 §4). */
  readonly proof: string | undefined;
  readonly address: string | undefined;
}

const MAX_BODY_BYTES = 32 * 1024;
const FORM = /^application\/x-www-form-urlencoded\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const CREDENTIALS = ["client_id", "client_secret", "client_assertion"];

/** Reads the form of a POST. Throws OAuthError for anything that is not one. */
export async function readForm(req: IncomingMessage): Promise<FormRequest> {
  checkHead(req);
  const body = await readBody(req, MAX_BODY_BYTES);
  const form = parseForm(body);
  const { authorization, dpop } = req.headers;
  if (authorization === undefined && !CREDENTIALS.some((name) => form.has(name))) {
    throw new OAuthError("invalid_client", "authenticate with client_id, client_secret_basic, client_secret_post or private_key_jwt", 401);
  }
  if (Array.isArray(dpop)) throw new OAuthError("invalid_dpop_proof", "send one DPoP header");
  return { form, authorization, proof: dpop, address: addressOf(req) };
}

function checkHead(req: IncomingMessage): void {
  if (req.method !== "POST") throw new OAuthError("invalid_request", "use POST", { status: 405, headers: { allow: "POST" } });
  if (req.url?.includes("?") === true) throw new OAuthError("invalid_request", "send all parameters in the body; a query ends up in logs");
  if (countAuthorization(req.rawHeaders) > 1) throw new OAuthError("invalid_request", "send one Authorization header");
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = req.headers;
  if (FORM.test(type) && encoding === "identity") return;
  throw new OAuthError("invalid_request", "send application/x-www-form-urlencoded in UTF-8, without a Content-Encoding", 415);
}

/** The body as it came. Throws OAuthError when it is larger than it may be. */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  function take(chunk: Buffer): void {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= maxBytes) return;
    // The connection lives on for the answer, but nothing more is read.
    req.off("data", take).pause();
    reject(tooLarge(maxBytes));
  }
  req.on("data", take);
  req.once("end", () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
  req.once("error", reject);
  req.once("close", () => req.readableEnded || reject(new OAuthError("invalid_request", "the body ended early")));
  return promise;
}

function tooLarge(maxBytes: number): OAuthError {
  return new OAuthError("invalid_request", `the body is larger than ${maxBytes} bytes`, { status: 413, headers: { connection: "close" } });
}

export function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new OAuthError("invalid_request", "the body is not UTF-8");
  }
}

function parseForm(body: Buffer): URLSearchParams {
  const form = new URLSearchParams(decodeUtf8(body));
  tidyScope(form);
  return form;
}

/** Separates scopes by single spaces: clients are seen to send more, and an empty list for none. */
export function tidyScope(form: URLSearchParams): void {
  const scopes = form.getAll("scope");
  if (scopes.length !== 1) return;
  const scope = scopes[0]?.trim().replace(/ +/g, " ") ?? "";
  if (scope === "") form.delete("scope");
  else form.set("scope", scope);
}
