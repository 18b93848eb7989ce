import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { instant, nextCursor, plainRows } from "../parameters.ts";

const PAGE = 20;
const LIST = "search_audit";
const FIELDS = "tool: agent: user: decision: reason: scope: trace: event: outcome: since:2h until:";

export const searchAudit = defineTool({
  name: LIST,
  title: "Search audit",
  description: "Searches what agents did here, newest first.",
  scopes: ["audit:read"],
  effect: "read",
  input: z.object({ query: z.string().max(500).describe(FIELDS), cursor: z.string().optional() }),
  output: z.object({
    records: plainRows,
    next_cursor: nextCursor,
  }),
  examples: [
    {
      title: "What was refused today",
      input: { query: "outcome:refused since:24h" },
      output: {
        records: [
          {
            at: "2026-08-01T09:00:00.000Z",
            agent: "cl_1",
            what: "tools/call create_organization",
            outcome: "refused: insufficient_scope, missing org:write",
            decision: "dec_Zm9v1",
          },
        ],
        next_cursor: null,
      },
    },
  ],
  async run({ query, cursor }, { evidence, openCursor, sealCursor }) {
    const list = `${LIST} ${query}`;
    const position = cursor === undefined ? undefined : openCursor(list, cursor);
    if (cursor !== undefined && position === undefined)
      return toolError("This cursor was not made for this query; leave it out to start anew.");
    const beforeSeq = position === undefined ? undefined : Number(position);
    const found = await evidence.records({ search: query, limit: PAGE, beforeSeq });
    if ("problems" in found) return toolError(found.problems.join("\n"));
    const { records, nextBeforeSeq: next } = found;
    return { records: records.map(shown), next_cursor: next === undefined ? null : sealCursor(list, String(next)) };
  },
});

type Shown = Readonly<Record<string, unknown>>;

function shown(record: Shown) {
  return {
    at: instant(Number(record["at"])),
    agent: text(record["agent"]),
    what: whatOf(record),
    outcome: outcomeOf(record),
    decision: text(record["decision"]),
  };
}

function whatOf({ event, method, tool, prompt, resource, skill, named, kind }: Shown): string {
  if (typeof event === "string") return event;
  const name = [tool, prompt, resource, skill, named].find((each) => typeof each === "string");
  return [text(method) || text(kind), text(name)].filter((part) => part !== "").join(" ");
}

function outcomeOf({ outcome, kind, reason, missing }: Shown): string {
  const why = [text(reason), Array.isArray(missing) ? `missing ${missing.join(" ")}` : ""].filter((part) => part !== "");
  return [text(outcome) || text(kind), why.join(", ")].filter((part) => part !== "").join(": ");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
