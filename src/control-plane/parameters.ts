/** Parameters that several tools take, so that each has one name, one shape and one description. */
import * as z from "zod";

/** Control characters, line separators, zero-width and bidirectional marks, tags: a model reads them and a reviewer does not see them. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

/** The id of one thing. Its name says which list it comes from; its form is told to who gets it wrong, not to all who read the list. */
function id(prefix: string) {
  const form = new RegExp(`^${prefix}_\\w+$`);
  return z.string().refine((each) => form.test(each), { error: `an id that begins with ${prefix}_` });
}

export const environmentId = id("env");
export const organizationId = id("org");
export const memberId = id("mem");
export const roleId = id("rol");
export const scopeId = id("scp");
export const connectionId = id("conn");
export const mcpServerId = id("app");
export const userId = id("usr");
export const templateId = id("tpl");

/** Rows whose members speak for themselves when they are read: a schema of them would be paid for by each who lists the tools. */
export const plainRows = z.array(z.looseObject({}));

/** A name for people to read. */
export function displayName(what?: string) {
  return visibleText(100, what);
}

export function visibleText(maxChars: number, what?: string) {
  const text = z
    .string()
    .trim()
    .min(1)
    .max(maxChars)
    .refine((each) => !INVISIBLE.test(each), { error: `text of 1 to ${maxChars} characters, none of them invisible` });
  return what === undefined ? text : text.describe(what);
}

export const description = visibleText(500).optional();

export const environmentKind = z.enum(["production", "development"]);

export const MAX_SLUG_CHARS = 40;

export const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(MAX_SLUG_CHARS);

/** A name for programs: of a role, a scope or a feature. */
export const keyName = z.string().regex(/^[a-z][a-z0-9_.:-]{0,63}$/);

export function key(what: string) {
  return keyName.describe(what);
}

export const externalId = z
  .string()
  .regex(/^[!-~]{1,200}$/)
  .describe("Its id in your own systems.");

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@<>(),;:"[\]\\\p{C}]{1,64}@[a-z0-9.-]{1,253}$/u)
  .describe("An email address.");

/** An absolute https URL, or http on a loopback address, without a fragment or credentials. */
export function httpUrl(what?: string) {
  const url = z
    .string()
    .max(2000)
    .refine(isHttpUrl, { error: "an https URL, or http on localhost, without a fragment, a name or a password" });
  return what === undefined ? url : url.describe(what);
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || /[\s\p{C}]/u.test(text) || url.username !== "" || url.password !== "" || text.includes("#")) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname));
}

export const features = z
  .array(z.object({ name: keyName, enabled: z.boolean() }))
  .min(1)
  .max(50)
  .describe("Features not named stay as they are.");

/** A change is refused when the thing is at another version than this. */
export const expectedVersion = z.number().optional().describe("As you read it; refused if changed since.");

/** How a list is asked for one page. */
export const pageParameters = {
  page_size: z.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
};

/** The part of an answer that leads to the next page. */
export const nextCursor = z.string().nullable();

/** An instant in an answer, ISO 8601. */
export function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
