/** Parameters that several tools take, so that each has one name, one shape and one description. */
import * as z from "zod";

/** Control characters, line separators, zero-width and bidirectional marks, tags: a model reads them and a reviewer does not see them. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

function id(prefix: string, source: string) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-z]{20,40}$`))
    .describe(`From ${source}.`);
}

export const environmentId = id("env", "list_environments");
export const organizationId = id("org", "list_organizations");
export const memberId = id("mem", "list_workspace_members");
export const roleId = id("rol", "list_environment_roles");
export const scopeId = id("scp", "list_environment_scopes");
export const connectionId = id("conn", "list_environment_connections");
export const mcpServerId = id("app", "list_mcp_servers");
export const userId = id("usr", "list_organization_users");
export const templateId = id("tpl", "list_organization_templates");

/** A name for people to read. */
export function displayName(description: string) {
  return visibleText(100, `${description} 1 to 100 characters, none of them invisible.`);
}

export function visibleText(maxChars: number, description: string) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxChars)
    .refine((text) => !INVISIBLE.test(text))
    .describe(description);
}

export const description = visibleText(500, "For people, one line.").optional();

export const environmentKind = z.enum(["production", "development"]).describe("production holds real customers.");

export const MAX_SLUG_CHARS = 40;

export const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(MAX_SLUG_CHARS)
  .describe("Short name, unique in the workspace.");

/** A name for programs: of a role, a scope or a feature. */
export function key(what: string) {
  return z
    .string()
    .regex(/^[a-z][a-z0-9_.:-]{0,63}$/)
    .describe(what);
}

export const externalId = z
  .string()
  .regex(/^[!-~]{1,200}$/)
  .describe("The customer's id in your own systems, unique in the environment: 1 to 200 ASCII characters without spaces.");

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@<>(),;:"[\]\\\p{C}]{1,64}@[a-z0-9.-]{1,253}$/u)
  .describe("The person's email address.");

/** An absolute https URL, or http on a loopback address, without a fragment or credentials. */
export function httpUrl(what: string) {
  return z
    .string()
    .max(2000)
    .refine(isHttpUrl)
    .describe(`${what} https, or http on localhost.`);
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || /[\s\p{C}]/u.test(text) || url.username !== "" || url.password !== "" || text.includes("#")) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname));
}

export const features = z
  .array(z.object({ name: key("Name of the feature."), enabled: z.boolean() }))
  .min(1)
  .max(50)
  .describe("Features not named stay as they are.");

export const expectedVersion = z.number().int().min(1).optional().describe("Refuse unless its version is this.");

/** How a list is asked for one page. */
export const pageParameters = {
  page_size: z.number().int().min(1).max(100).default(20).describe("At most so many."),
  cursor: z.string().optional().describe("next_cursor of the page before."),
};

/** The part of an answer that leads to the next page. */
export const nextCursor = z.string().nullable();

/** An instant in an answer, ISO 8601. */
export function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
