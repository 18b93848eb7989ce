import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { countAuthorization } from "../count-authorization.ts";

/** An answer of the token endpoint that says what is wrong (RFC 6749 §5.2). */
export interface OAuthProblem {
  readonly status: number;
  readonly error: string;
  readonly error_description: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_BODY_BYTES = 32 * 1024;
const FORM = /^application\/x-www-form-urlencoded\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const CREDENTIALS = ["client_id", "client_secret", "client_assertion"];

/**
 * The request as the engine gets it: made anew from the form and the credentials, with host and protocol of the issuer. No other
 * header, cookie or address of the real request reaches the engine, so none can change what it answers.
 */
export async function readTokenRequest(req: IncomingMessage, issuer: string): Promise<IncomingMessage | OAuthProblem> {
  const problem = checkHead(req);
  if (problem !== undefined) return problem;
  const body = await readBody(req);
  if (body === undefined)
    return {
      status: 413,
      error: "invalid_request",
      error_description: `the body is larger than ${MAX_BODY_BYTES} bytes`,
      headers: { connection: "close" },
    };
  const form = parseForm(body);
  if (form === undefined) return invalid("the body is not UTF-8");
  const { authorization } = req.headers;
  if (authorization === undefined && !CREDENTIALS.some((name) => form.has(name))) {
    return {
      status: 401,
      error: "invalid_client",
      error_description: "authenticate with client_secret_basic, client_secret_post or private_key_jwt",
    };
  }
  return createEngineRequest({ issuer, form, authorization, remoteAddress: req.socket.remoteAddress });
}

export function isProblem(value: IncomingMessage | OAuthProblem): value is OAuthProblem {
  return "error_description" in value;
}

function checkHead(req: IncomingMessage): OAuthProblem | undefined {
  if (req.method !== "POST") return { status: 405, error: "invalid_request", error_description: "use POST", headers: { allow: "POST" } };
  if (req.url?.includes("?")) return invalid("send all parameters in the body; a query ends up in logs");
  if (countAuthorization(req.rawHeaders) > 1) return invalid("send one Authorization header");
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = req.headers;
  if (FORM.test(type) && encoding === "identity") return undefined;
  return {
    status: 415,
    error: "invalid_request",
    error_description: "send application/x-www-form-urlencoded in UTF-8, without a Content-Encoding",
  };
}

function invalid(description: string): OAuthProblem {
  return { status: 400, error: "invalid_request", error_description: description };
}

async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(req.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // The connection must live on for the answer, also when reading stops early.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The form, with its scopes separated by single spaces: clients are seen to send more, and an empty list for none. */
function parseForm(body: Buffer): URLSearchParams | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
  const form = new URLSearchParams(text);
  const scopes = form.getAll("scope");
  if (scopes.length !== 1) return form;
  const scope = scopes[0]?.trim().replace(/ +/g, " ") ?? "";
  if (scope === "") form.delete("scope");
  else form.set("scope", scope);
  return form;
}

interface EngineRequest {
  readonly issuer: string;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
  readonly remoteAddress: string | undefined;
}

function createEngineRequest({ issuer, form, authorization, remoteAddress }: EngineRequest): IncomingMessage {
  const { host, protocol } = new URL(issuer);
  const body = Buffer.from(form.toString());
  const request = Object.assign(Readable.from([body]), {
    method: "POST",
    url: "/token",
    httpVersion: "1.1",
    headers: {
      host,
      "content-type": "application/x-www-form-urlencoded",
      "content-length": String(body.length),
      ...(authorization === undefined ? {} : { authorization }),
    },
    socket: { encrypted: protocol === "https:", remoteAddress },
  });
  return request as unknown as IncomingMessage;
}
