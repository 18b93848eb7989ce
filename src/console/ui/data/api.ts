/** The one way from the pages to `/console/api`: JSON, NDJSON streams, and refusals that say what to do next. */
const BASE = "/console/api/";
/** What a form of another site cannot send; the server wants it on every change. */
const CHANGE_HEADERS = { "content-type": "application/json", "x-remit-console": "1" };

let workspaceHeader: Readonly<Record<string, string>> = {};

/** The page is about one workspace from now on: what it asks for is refused when another one was chosen in another tab. */
export function stayIn(workspaceId: string): void {
  workspaceHeader = { "x-remit-workspace": workspaceId };
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly next: string | undefined;

  constructor(status: number, told: { readonly code: string; readonly message: string; readonly next?: string | undefined }) {
    super(told.message);
    this.name = "ApiError";
    this.status = status;
    this.code = told.code;
    this.next = told.next;
  }
}

/** `path` is below `/console/api/`, with its query. Throws ApiError. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await send(path, signal === undefined ? {} : { signal })).json()) as T;
}

export async function postJson<T>(path: string, body: unknown = {}): Promise<T> {
  return (await (await send(path, { method: "POST", headers: CHANGE_HEADERS, body: JSON.stringify(body) })).json()) as T;
}

export interface LineRequest {
  /** A POST when there is one. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** When the answer has begun, before its first line. */
  readonly onOpen?: () => void;
}

/** Reads an answer line by line; returns when it ends, throws when it breaks or is refused. */
export async function* readLines<T>(path: string, { body, signal, onOpen }: LineRequest): AsyncGenerator<T> {
  const change = body === undefined ? {} : { method: "POST", headers: CHANGE_HEADERS, body: JSON.stringify(body) };
  const response = await send(path, { ...change, signal });
  onOpen?.();
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of chunks(response)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
  }
  if (rest.trim() !== "") yield JSON.parse(rest) as T;
}

/** Not every browser can iterate a body. */
async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const headers = { ...workspaceHeader, ...(init.headers as Readonly<Record<string, string>> | undefined) };
  const response = await fetch(BASE + path, { credentials: "same-origin", ...init, headers }).catch((reason: unknown) => {
    if (init.signal?.aborted === true) throw reason;
    throw new ApiError(0, {
      code: "unreachable",
      message: "The server does not answer.",
      next: "Is it still running? This page tries again.",
    });
  });
  if (response.ok) return response;
  const told = (await response.json().catch(() => undefined)) as { error?: { code: string; message: string; next?: string } } | undefined;
  throw new ApiError(
    response.status,
    told?.error ?? { code: `http_${response.status}`, message: `The server answered ${response.status}.` },
  );
}

/** A query text from what is set; what is undefined or "" is left out. */
export function queryOf(parts: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined && value !== "") query.set(name, String(value));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
