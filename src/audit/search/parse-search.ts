import { didYouMean } from "../../lib/did-you-mean.ts";
import { FAILED_OUTCOMES } from "../call-fact.ts";

/** One condition: a record matches when one of the members is the value, or a list that has it. */
export interface Condition {
  /** A member of a member is `outer.inner`. */
  readonly members: readonly string[];
  readonly value: string;
  /** The value is only how it begins. */
  readonly isPrefix: boolean;
  /** The value is a word for any of these. */
  readonly oneOf?: readonly string[];
}

/** A search of the ledger. A record matches when every condition does. */
export interface Search {
  readonly conditions: readonly Condition[];
  /** Epoch milliseconds, this one included. */
  readonly since: number | undefined;
  /** Epoch milliseconds, this one not included. */
  readonly until: number | undefined;
}

/** The members of a record that a field of a search looks at. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  tool: ["tool", "prompt", "resource", "skill", "named"],
  agent: ["agent"],
  user: ["subject"],
  decision: ["decision"],
  grant: ["grant"],
  kind: ["kind"],
  method: ["method"],
  rule: ["rule", "policy_rule", "limit"],
  reason: ["reason"],
  outcome: ["outcome"],
  scope: ["needed", "missing", "scopes"],
  trace: ["trace"],
  event: ["event"],
  client: ["client"],
  protocol: ["protocol"],
  environment: ["narrowed.environment", "arguments.environment_id"],
  workspace: ["workspace"],
};

/** What usage counts as failed. */
const ANY_FAILURE = "outcome:failed";
const TIMES = ["since", "until"];
const SEARCH_FIELDS: readonly string[] = [...Object.keys(FIELDS), ...TIMES];

const MAX_CHARS = 1000;
/** `field:value`, the value in quotes when it has spaces. */
const TERM = /([a-z]+):(?:"([^"]*)"|(\S+))|(\S+)/g;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a search such as `tool:create_organization outcome:refused since:2h`. A value that ends in `*` is a beginning; `outcome:failed` stands for
 * every outcome that is a failure. `since` and `until`
 * are an instant (ISO 8601, UTC unless it says otherwise) or how long ago it was: `30s`, `15m`, `2h`, `7d`.
 */
export function parseSearch(text: string, nowMs: number): Search | { readonly problems: readonly string[] } {
  if (text.length > MAX_CHARS) return { problems: [`a search has at most ${MAX_CHARS} characters`] };
  const problems: string[] = [];
  const conditions: Condition[] = [];
  const times: Record<string, number> = {};
  const given = new Set<string>();
  for (const [term, field, quoted, plain] of text.matchAll(TERM)) {
    const value = quoted ?? plain ?? "";
    const members = field === undefined || !Object.hasOwn(FIELDS, field) ? undefined : FIELDS[field];
    if (field !== undefined && given.has(field)) problems.push(`${field} is given twice`);
    else if (field !== undefined && TIMES.includes(field)) {
      const at = parseInstant(value, nowMs);
      if (at === undefined) problems.push(`${field}: write an instant as 2026-01-31T12:00Z, or how long ago it was as 15m, 2h or 7d`);
      else times[field] = at;
    } else if (members === undefined) problems.push(unknownTerm(term, field));
    else if (term === ANY_FAILURE) conditions.push({ members, value, isPrefix: false, oneOf: FAILED_OUTCOMES });
    else conditions.push(parseCondition(members, value));
    if (field !== undefined) given.add(field);
  }
  return problems.length > 0 ? { problems } : { conditions, since: times["since"], until: times["until"] };
}

function parseCondition(members: readonly string[], value: string): Condition {
  const isPrefix = value.endsWith("*");
  return { members, value: isPrefix ? value.slice(0, -1) : value, isPrefix };
}

function unknownTerm(term: string, field: string | undefined): string {
  const meant = field === undefined ? undefined : didYouMean(field, SEARCH_FIELDS);
  const hint = meant === undefined ? `use ${SEARCH_FIELDS.join(", ")}` : `did you mean ${meant}?`;
  return `${JSON.stringify(term.slice(0, 40))} is no field:value of a search; ${hint}`;
}

function parseInstant(value: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  if (!/^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/.test(value)) return undefined;
  // A time of day without a zone would be read in that of this machine.
  const at = Date.parse(/T[\d:.]+$/.test(value) ? `${value}Z` : value);
  return Number.isNaN(at) ? undefined : at;
}
