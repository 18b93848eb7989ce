/** Parameters that several tools take, so that each has one name, one shape and one description. */
import * as z from "zod";

/** Control characters, line separators, zero-width and bidirectional marks, tags: a model reads them and a reviewer does not see them. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

export const environmentId = z
  .string()
  .regex(/^env_[0-9a-z]{20,40}$/)
  .describe("Id of the environment, from list_environments.");

export const organizationId = z
  .string()
  .regex(/^org_[0-9a-z]{20,40}$/)
  .describe("Id of the organization, from list_organizations.");

/** A name for people to read. */
export function displayName(description: string) {
  return z
    .string()
    .trim()
    .min(1)
    .max(100)
    .refine((name) => !INVISIBLE.test(name))
    .describe(`${description} 1 to 100 characters, none of them invisible.`);
}

/** How a list is asked for one page. */
export const pageParameters = {
  page_size: z.number().int().min(1).max(100).default(20).describe("How many to return at most."),
  cursor: z.string().min(1).max(2000).optional().describe("next_cursor of the page before; leave out for the first page."),
};

/** The part of an answer that leads to the next page. */
export const nextCursor = z.string().nullable().describe("Pass as cursor for the next page; null on the last one.");
