/** A person at the console of a test server: signed in through the pages, then what a browser's script sends. */
import assert from "node:assert/strict";
import type { Server } from "../../../src/index.ts";
import { signInByLink } from "../../support/person.ts";

export interface ConsoleAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface ConsoleClient {
  readonly cookie: string;
  readonly email: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ConsoleAnswer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string | undefined>>): Promise<ConsoleAnswer>;
  /** The lines of a stream, as they come, until the caller has enough. */
  lines(path: string, body?: unknown): AsyncGenerator<Readonly<Record<string, unknown>>>;
}

type Role = "owner" | "admin" | "member" | "viewer";

/** A new person with a place in the workspace. */
export async function person(server: Server, role: Role, workspaceId?: string): Promise<ConsoleClient> {
  const email = `${role}-${Math.random().toString(36).slice(2)}@example.com`;
  const made = await server.operator.createPerson({ email, name: `The ${role}`, role, workspaceId });
  assert.ok("accountId" in made);
  return consoleOf(server, email);
}

export async function consoleOf(server: Server, email: string): Promise<ConsoleClient> {
  const link = await server.operator.createSignInLink(email);
  assert.ok("url" in link);
  const { cookies } = await signInByLink(server.url, link.url);
  return clientOf(server, [...cookies].map(([name, value]) => `${name}=${value}`).join("; "), email);
}

export function clientOf({ url }: Pick<Server, "url">, cookie: string, email = ""): ConsoleClient {
  const at = (path: string) => `${url}/console/api/${path}`;
  const ours = { cookie, origin: url, "sec-fetch-site": "same-origin", "content-type": "application/json", "x-remit-console": "1" };
  return {
    cookie,
    email,
    get: async (path, headers = {}) => read(await fetch(at(path), { headers: { cookie, ...headers } })),
    async post(path, body = {}, changed = {}) {
      const headers = new Headers(ours);
      for (const [name, value] of Object.entries(changed)) {
        if (value === undefined) headers.delete(name);
        else headers.set(name, value);
      }
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return read(await fetch(at(path), { method: "POST", headers, body: text }));
    },
    async *lines(path, body) {
      const leaving = new AbortController();
      const change = body === undefined ? { headers: { cookie } } : { method: "POST", headers: ours, body: JSON.stringify(body) };
      const response = await fetch(at(path), { ...change, signal: leaving.signal });
      assert.equal(response.headers.get("content-type"), "application/x-ndjson", await unread(response));
      let rest = "";
      try {
        for await (const chunk of response.body ?? []) {
          const lines = (rest + new TextDecoder().decode(chunk)).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) if (line !== "") yield JSON.parse(line) as Readonly<Record<string, unknown>>;
        }
      } finally {
        leaving.abort();
      }
    },
  };
}

async function unread(response: Response): Promise<string | undefined> {
  return response.headers.get("content-type") === "application/x-ndjson" ? undefined : response.text();
}

async function read(response: Response): Promise<ConsoleAnswer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, headers: response.headers, json: (isJson ? JSON.parse(text) : { text }) as ConsoleAnswer["json"] };
}

/** What an answer holds; it must be one. */
export async function ok<T>(asked: Promise<ConsoleAnswer>): Promise<T> {
  const { status, json } = await asked;
  assert.equal(status, 200, JSON.stringify(json));
  return json as unknown as T;
}

/** Status and code of a refusal. */
export async function refused(asked: Promise<ConsoleAnswer>): Promise<readonly [number, string]> {
  const { status, json } = await asked;
  return [status, (json["error"] as { code: string } | undefined)?.code ?? ""];
}

/** Id of the account of somebody at the console. */
export async function accountOf(server: Server, { email }: ConsoleClient): Promise<string> {
  return (await server.operator.listPeople()).find((each) => each.email === email)?.id ?? assert.fail(email);
}
