import { defineScopes, defineTool, toolError } from "../../src/index.ts";
import * as z from "zod";

const scopes = defineScopes({
  "bill:read": { description: "See the invoices of this company.", access: "read", baseline: true },
  "bill:write": { description: "Write invoices and send them to customers.", access: "write", includes: ["bill:read"] },
  "bill:void": { description: "Void invoices that were sent.", access: "write", includes: ["bill:read"], role: "admin" },
});

const number = z.string().describe("As printed in the upper right corner, such as R-2041.");
const invoice = z.object({ number: z.string(), total: z.number(), status: z.enum(["sent", "void"]) });
const invoices = new Map([["R-2041", { number: "R-2041", total: 120, status: "sent" as "sent" | "void" }]]);

const missing = (wanted: string) => toolError(`There is no invoice ${wanted}. Ask for the number that is printed on it.`);

const getInvoice = defineTool({
  name: "get_invoice",
  title: "Get invoice",
  description: "Gets one invoice. Use it when somebody asks what an invoice says or whether it counts.",
  scopes: ["bill:read"],
  effect: "read",
  input: z.object({ number }),
  output: invoice,
  examples: [{ title: "One invoice", input: { number: "R-2041" } }],
  run: (input) => invoices.get(input.number) ?? missing(input.number),
});

const voidInvoice = defineTool({
  name: "void_invoice",
  title: "Void invoice",
  description: "Voids an invoice that was sent, so that nobody pays it. Use it only when the customer got a wrong one.",
  scopes: ["bill:void"],
  effect: "write",
  discoverable: true,
  input: z.object({ number }),
  output: invoice,
  examples: [{ title: "A wrong invoice", input: { number: "R-2041" } }],
  run(input) {
    const found = invoices.get(input.number);
    if (found === undefined) return missing(input.number);
    found.status = "void";
    return found;
  },
});

export const surface = { scopes, tools: [getInvoice, voidInvoice] };
