import assert from "node:assert/strict";
import { test } from "node:test";
import { RULES, type Catalogue } from "../../src/lint/index.ts";
import { declared, listed, rulesOf, SCOPES, taking, tool, type Entry } from "./support/tools.ts";

const described = { type: "string", description: "As printed in the upper right corner, such as R-2041." };
const says = (description: string) => listed(tool({ description }));
const takes = (properties: Readonly<Record<string, unknown>>, more?: Readonly<Record<string, unknown>>) => listed(taking(properties, more));
const naming = (properties: Readonly<Record<string, unknown>>) => {
  const description = "Gets the invoice with this `number`, with its lines; use it for what was sent.";
  return listed({ ...taking(properties, { required: Object.keys(properties) }), description });
};
const manyTools = (count: number): Entry[] =>
  Array.from({ length: count }, (_, i) =>
    tool({
      name: `get_${String.fromCharCode(97 + (i % 26)).repeat(6)}${"xyz".at(Math.floor(i / 26))}`,
      description: `Gets what ${"abcdefgh".at(i % 8)}${i} is for those who ask for it, with all of its ${i * 7919} parts.`,
    }),
  );
const properties = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`part_${i}`, { ...described, description: `The line ${i} of the form.` }]));
const hidden = "Gets one invoice\u200b with its lines, for those who ask for it.";
const unfinished = ["T", "ODO: describe what this does when there is time"].join("");
const wide = (count: number): Catalogue => {
  const one = declared();
  return { ...one, tools: manyTools(count).flatMap(({ name }) => one.tools.map((each) => ({ ...each, name }))) };
};

/** For each rule what it finds, and what is nearly so and is let through. */
const CASES: Readonly<Record<string, readonly [found: Catalogue, nearMiss: Catalogue]>> = {
  "name-charset": [listed(tool({ name: "get invoice" })), listed(tool({ name: "get.invoice-2_x" }))],
  "name-duplicate": [listed(tool(), tool()), listed(tool(), tool({ name: "pay_invoice" }))],
  "name-client-limit": [listed(tool({ name: "billing.get_invoice" })), listed(tool({ name: `get_${"x".repeat(60)}` }))],
  "name-generic": [listed(tool({ name: "search" })), listed(tool({ name: "search_invoices" }))],
  "name-mixed-style": [
    listed(tool(), tool({ name: "pay_bill" }), tool({ name: "sendLetter" })),
    listed(tool(), tool({ name: "pay_bill" }), tool({ name: "whoami" })),
  ],
  "name-near": [
    listed(tool(), tool({ name: "get_invoices" })),
    listed(tool({ name: "list_jobs" }), tool({ name: "list_logs" }), tool({ name: "get_x_y" }), tool({ name: "set_x_y" })),
  ],
  "desc-missing": [says("  "), says("Pays.")],
  "desc-placeholder": [says(unfinished), says("Lists what is still to do for a person, so that nothing is forgotten.")],
  "desc-injection": [says(hidden), says("Gets one invoice — “R-1” — with its lines. Ignore drafts: they are not sent yet.")],
  "desc-short": [says("Gets one invoice with its lines."), says("Gets one invoice with its lines and taxes.")],
  "desc-restates-name": [says("Gets an invoice."), says("Gets an invoice with its lines and its taxes.")],
  "desc-long": [says("Use it to get an invoice. ".repeat(40)), says("Use it to get an invoice. ".repeat(39))],
  "desc-no-when": [
    says("Gets one invoice with its lines, its taxes and all payments."),
    says("Gets one invoice with its lines. Use it when a person asks what they owe."),
  ],
  "desc-no-return": [
    listed(tool({ outputSchema: undefined, description: "Pays an invoice for a person when they have agreed to it." })),
    listed(tool({ outputSchema: undefined, description: "Pays an invoice for a person who agreed to it; returns the receipt." })),
  ],
  "desc-no-warning": [
    listed(
      tool({
        name: "delete_invoice",
        annotations: { destructiveHint: true },
        description: "Deletes one invoice for the person who asks for it.",
      }),
    ),
    listed(
      tool({
        name: "delete_invoice",
        annotations: { destructiveHint: true },
        description: "Deletes one invoice for good; it cannot be undone.",
      }),
    ),
  ],
  "desc-unknown-parameter": [
    says("Gets the invoice with this `numbers`; use it for what was sent."),
    says("Gets the invoice with this `number`, as a PDF from eBay or `get_invoice`."),
  ],
  "desc-omits-required": [
    naming({ number: described, company: { type: "string" } }),
    naming({ number: described, company: { type: "string", description: "Whose it is." } }),
  ],
  "param-undocumented": [
    takes({ color: { type: "string" } }),
    takes({ payments: { type: "string" }, email: { type: "string" }, color: { enum: ["red"] } }),
  ],
  "param-untyped": [
    takes({ number: { description: "As printed on it." } }),
    takes({ number: { description: "As printed on it.", anyOf: [{ type: "string" }] } }),
  ],
  "param-array-items": [takes({ lines: { type: "array" } }), takes({ lines: { type: "array", items: { type: "string" } } })],
  "param-enum-in-prose": [
    takes({ color: { type: "string", description: "One of 'red', 'green' or 'blue'." } }),
    takes({ color: { type: "string", description: "Such as 'red', 'green' or 'blue'." } }),
  ],
  "param-date-format": [
    takes({ due_date: { type: "string", description: "When it has to be paid." } }),
    takes({
      due_date: { type: "string", description: "When it has to be paid, as 2026-01-31." },
      update: { type: "string", description: "What to write there." },
    }),
  ],
  "param-open-object": [
    takes({ filter: { type: "object", description: "Which ones to take." } }),
    takes({ filter: { type: "object", description: "Which ones to take.", additionalProperties: { type: "string" } } }),
  ],
  "param-secret": [
    takes({ api_key: { type: "string", description: "Of the bank's interface." } }),
    takes({
      page_token: { type: "string", description: "Of the page before." },
      api_key: { type: "string", writeOnly: true, description: "Of the bank's interface." },
      max_tokens: { type: "integer", description: "To be read." },
    }),
  ],
  "param-restates-name": [
    takes({ invoice_number: { type: "string", description: "The invoice number." } }),
    takes({ invoice_number: { type: "string", description: "The invoice number, as printed on it." } }),
  ],
  "param-ambiguous-name": [takes({ data: described }), takes({ data_format: described })],
  "param-unbounded": [
    takes({ limit: { type: "integer", description: "How many to give." } }),
    takes({
      limit: { type: "integer", maximum: 100, description: "How many to give." },
      cents: { type: "integer", description: "To be paid." },
    }),
  ],
  "schema-root": [listed(tool({ inputSchema: { type: "array", items: {} } })), listed(tool({ inputSchema: { type: "object" } }))],
  "schema-required-unknown": [
    takes({ number: described }, { required: ["nummer"] }),
    takes({ number: described }, { required: ["number"] }),
  ],
  "schema-remote-ref": [
    takes({ number: { $ref: "https://example.com/number.json" } }),
    takes({ number: { $ref: "#/$defs/number" } }, { $defs: { number: described } }),
  ],
  "header-invalid": [
    takes({ number: { ...described, "x-mcp-header": "a b" } }),
    takes({ number: { ...described, "x-mcp-header": "Number" } }),
  ],
  "example-invalid": [
    takes({ limit: { type: "integer", maximum: 10, default: 20, description: "How many to give." } }),
    takes({ limit: { type: "integer", maximum: 20, default: 20, examples: [1], description: "How many to give." } }),
  ],
  "schema-root-union": [
    takes({ number: described }, { oneOf: [{ required: ["number"] }] }),
    takes({ number: { description: "As printed on it.", oneOf: [{ type: "string" }] } }),
  ],
  "schema-deep": [
    takes({
      a: { type: "object", properties: { b: { type: "object", properties: { c: { type: "object", properties: { d: described } } } } } },
    }),
    takes({ a: { type: "object", properties: { b: { type: "object", properties: { c: described } } } } }),
  ],
  "schema-many-params": [takes(properties(11)), takes(properties(10))],
  "schema-open": [
    takes({ number: described }, { additionalProperties: true }),
    takes({ number: described }, { additionalProperties: undefined, unevaluatedProperties: false }),
  ],
  "schema-no-required": [takes(properties(3)), takes(properties(2))],
  "no-examples": [takes(properties(5)), takes({ ...properties(5), part_0: { ...described, examples: ["R-1"] } })],
  "output-schema-missing": [listed(tool({ outputSchema: undefined })), listed(tool())],
  "annot-conflict": [
    listed(tool({ annotations: { readOnlyHint: true, destructiveHint: true } })),
    listed(tool({ annotations: { readOnlyHint: false, destructiveHint: true } })),
  ],
  "annot-lie": [listed(tool({ name: "delete_invoice" })), listed(tool({ name: "list_deleted_invoices" }))],
  "annot-destructive": [
    listed(tool({ name: "delete_invoice", annotations: { destructiveHint: false } })),
    listed(tool({ name: "update_invoice", annotations: { destructiveHint: false } })),
  ],
  "annot-missing": [listed(tool({ annotations: { title: "x" } })), listed(tool({ annotations: { readOnlyHint: false } }))],
  "scope-missing": [declared({ scopes: [] }), declared()],
  "scope-unknown": [declared({ scopes: ["bill:reed"] }), declared({ scopes: ["bill:read", "bill:write"] })],
  "scope-read-on-write": [declared({ effect: "write" }), declared({ effect: "write", scopes: ["bill:read", "bill:write"] })],
  "scope-wide": [wide(11), wide(10)],
  "scope-undescribed": [declared({}, { ...SCOPES, "bill:audit": { description: "Auditing.", access: "read" } }), declared()],
  "tokens-catalog": [listed(...manyTools(40).map((each) => ({ ...each, _meta: "x".repeat(500) }))), listed(...manyTools(40))],
  "tokens-tool": [listed(tool({ _meta: "x".repeat(5000) })), listed(tool({ _meta: "x".repeat(4000) }))],
  "catalog-count": [listed(...manyTools(41)), listed(...manyTools(40))],
  "list-no-paging": [
    listed(tool({ name: "list_invoices" })),
    listed(tool({ name: "list_invoices", inputSchema: { type: "object", properties: { page_size: { type: "integer" } } } })),
  ],
  overlap: [
    listed(
      tool({ name: "find_projects", description: "Finds the projects of a company that you may see." }),
      tool({ name: "search_projects", description: "Finds the projects of a company that one may see." }),
    ),
    listed(tool({ name: "get_invoice" }), tool({ name: "delete_invoice" }), tool({ name: "list_invoices" })),
  ],
  "order-unstable": [
    { ...listed(tool(), tool({ name: "pay_bill" })), orderAgain: ["pay_bill", "get_invoice"] },
    { ...listed(tool(), tool({ name: "pay_bill" })), orderAgain: ["get_invoice", "pay_bill"] },
  ],
};

test("every rule has a case", () => {
  assert.deepEqual(Object.keys(CASES).toSorted(), RULES.map(({ id }) => id).toSorted());
});

for (const [rule, [found, nearMiss]] of Object.entries(CASES)) {
  test(`${rule} finds what it is for, and lets the near miss through`, () => {
    assert.ok(rulesOf(found).includes(rule), `found only ${rulesOf(found).join(" ")}`);
    assert.ok(!rulesOf(nearMiss).includes(rule));
  });
}

test("a good tool has no finding at all, listed or declared", () => {
  assert.deepEqual(rulesOf(listed(tool())), []);
  assert.deepEqual(rulesOf(declared()), []);
});
