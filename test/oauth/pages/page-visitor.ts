/** A browser as far as forms go: keeps cookies, and sends the fields that a page holds. */
import assert from "node:assert/strict";
import { PASSWORD, type Site } from "./pages-site.ts";

export interface Visitor {
  get(path: string): Promise<Response>;
  /** Sends fields as a form of this site does. */
  post(path: string, fields: Fields, headers?: Record<string, string>): Promise<Response>;
  readonly cookies: Map<string, string>;
}

export type Fields = Readonly<Record<string, string | readonly string[]>>;

export const OWN_FORM = { "sec-fetch-site": "same-origin", origin: "null" };

export function createVisitor(site: Site): Visitor {
  const cookies = new Map<string, string>();
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const keep = (response: Response) => {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  return {
    cookies,
    get: async (path) => keep(await site.request(path, { headers: { cookie: header() } })),
    async post(path, fields, headers = OWN_FORM) {
      const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((each) => [name, each] as [string, string]));
      return keep(
        await site.request(path, { method: "POST", body: new URLSearchParams(pairs), headers: { cookie: header(), ...headers } }),
      );
    },
  };
}

/** The value of the first hidden field with this name. */
export function hiddenField(page: string, name: string): string {
  const found = new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(page)?.[1];
  assert.ok(found !== undefined, `the page has a hidden field ${name}`);
  return found;
}

/** A visitor who is signed in, with the token of the session. */
export async function signInVisitor(site: Site): Promise<Visitor & { readonly csrf: string }> {
  const visitor = createVisitor(site);
  const csrf = hiddenField(await (await visitor.get("/sign-in")).text(), "csrf");
  const answer = await visitor.post("/sign-in", { csrf, email: "mira@acme.test", password: PASSWORD });
  assert.equal(answer.status, 303);
  const session = site.sessions.get(visitor.cookies.get("remit_session") ?? "");
  assert.ok(session !== undefined);
  return { ...visitor, csrf: session.csrf };
}
