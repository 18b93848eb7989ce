import type { IncomingMessage } from "node:http";
import type { Clock } from "../../lib/clock.ts";
import { createSecret, isEqualSecret, openSigned, signValue } from "../../lib/secret.ts";

const MAX_BODY_BYTES = 16 * 1024;
const FORM_LIFE_SECONDS = 3600;
const CONTEXT = "page-form";

/** Why a form was not taken: status and a sentence for the person. */
export interface FormProblem {
  readonly status: 400 | 403 | 413 | 415;
  readonly problem: string;
}

export const STALE: FormProblem = {
  status: 403,
  problem: "This form is out of date or did not come from this site. Go back, reload the page and try again.",
};

/**
 * False when the browser says that another site sent the form. As pages send no referrer, browsers write the origin of their own forms as
 * `null`, which says nothing unless `Sec-Fetch-Site` stands beside it.
 */
export function isSameSite({ headers }: Pick<IncomingMessage, "headers">, url: string): boolean {
  const { origin, host = "" } = headers;
  const site = headers["sec-fetch-site"];
  const isOwn = origin === url || origin === `${new URL(url).protocol}//${host}`;
  if (site !== undefined) return site === "same-origin" && (origin === undefined || origin === "null" || isOwn);
  return origin === undefined || isOwn;
}

/** The fields of a form, or why it is not taken. Rejects when the client goes away. */
export async function readForm(req: IncomingMessage): Promise<URLSearchParams | FormProblem> {
  const type = req.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return { status: 415, problem: "Send this as an ordinary form." };
  const body = await readBody(req);
  return body === undefined ? { status: 413, problem: "What was sent is larger than any form of this site." } : new URLSearchParams(body);
}

function readBody(req: IncomingMessage): Promise<string | undefined> {
  if (Number(req.headers["content-length"]) > MAX_BODY_BYTES) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    req.on("data", (part: Buffer) => {
      size += part.length;
      if (size > MAX_BODY_BYTES) resolve(undefined);
      else parts.push(part);
    });
    req.once("end", () => resolve(Buffer.concat(parts).toString("utf8")));
    req.once("close", () => reject(new Error("The client went away while it sent a form.")));
    req.once("error", reject);
  });
}

/** What ties a form that has no session to the browser it was shown in. */
export interface FormTie {
  /** The value of Set-Cookie, when the browser has none yet. */
  readonly cookie: string | undefined;
  /** For the hidden field. */
  readonly csrf: string;
}

export interface FormTies {
  create(req: Pick<IncomingMessage, "headers">): FormTie;
  isValid(req: Pick<IncomingMessage, "headers">, csrf: string): boolean;
}

/** Forms that can be sent before anybody is signed in: a cookie of the browser, and a value signed for it that lives an hour. */
export function createFormTies({ url, key, now }: { readonly url: string; readonly key: Uint8Array; readonly now: Clock }): FormTies {
  const isSecure = url.startsWith("https:");
  const name = isSecure ? "__Host-remit_form" : "remit_form";
  return {
    create(req) {
      const present = readCookie(req, name);
      const value = present ?? createSecret();
      const csrf = signValue(key, { at: now() }, `${CONTEXT}\n${value}`);
      const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${2 * FORM_LIFE_SECONDS}${isSecure ? "; Secure" : ""}`;
      return { csrf, cookie: present === undefined ? `${name}=${value}; ${attributes}` : undefined };
    },
    isValid(req, csrf) {
      const value = readCookie(req, name);
      if (value === undefined) return false;
      const opened = openSigned(key, csrf, `${CONTEXT}\n${value}`);
      if (typeof opened !== "object" || opened === null || !("at" in opened) || typeof opened.at !== "number") return false;
      const ageMs = now() - opened.at;
      return ageMs >= 0 && ageMs < FORM_LIFE_SECONDS * 1000;
    },
  };
}

/** A cookie that another host of the same site could have set has no 43 characters that we chose, but is harmless: the field must be signed for it. */
function readCookie({ headers }: Pick<IncomingMessage, "headers">, name: string): string | undefined {
  const found = headers.cookie?.split(/; */).find((cookie) => cookie.startsWith(`${name}=`));
  const value = found?.slice(name.length + 1);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

export function isSameToken(given: string, expected: string): boolean {
  return isEqualSecret(Buffer.from(given), Buffer.from(expected));
}
