/** Skills and an app behind scopes of their own, for tests of what is offered beside tools. */
import * as z from "zod";
import { defineApp, defineScopes, defineSkill, defineTool } from "../../../src/index.ts";

export const scopes = defineScopes({
  "order:read": { description: "Read orders.", access: "read", baseline: true },
  "order:write": { description: "Change orders.", access: "write", includes: ["order:read"] },
  "staff:read": { description: "Read what is for staff.", access: "read" },
});

const skillFiles = (name: string, description: string) => ({
  "SKILL.md": `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`,
  "references/guide.md": `Guide of ${name}.`,
  "references/deep/more.md": `More of ${name}.`,
  "assets/dot.png": Buffer.from([0x89, 0x50, 0x4e, 0x47, 0]),
});

export const OPEN_SKILL = "skill://order-status/SKILL.md";
export const STAFF_SKILL = "skill://staff-refunds/SKILL.md";
export const SHOWN_SKILL = "skill://shown-refunds/SKILL.md";

export const skills = [
  defineSkill({
    name: "order-status",
    description: "Tell where an order is.",
    scopes: ["order:read"],
    files: skillFiles("order-status", "Tell where an order is."),
  }),
  defineSkill({
    name: "staff-refunds",
    description: "Refund what staff may refund.",
    scopes: ["staff:read"],
    files: skillFiles("staff-refunds", "Refund what staff may refund."),
  }),
  defineSkill({
    name: "shown-refunds",
    description: "Refund what everybody may know of.",
    scopes: ["staff:read"],
    discoverable: true,
    files: skillFiles("shown-refunds", "Refund what everybody may know of."),
  }),
];

export const HTML = '<!doctype html>\n<html lang="en"><head><title>Order</title></head><body><p id="order"></p></body></html>\n';

export const app = defineApp({
  uri: "ui://orders/order.html",
  name: "order",
  title: "Order",
  description: "Shows one order as a card.",
  scopes: ["order:read"],
  html: HTML,
  csp: { connectDomains: ["https://api.example.com", "wss://live.example.com:8443"], resourceDomains: ["https://*.example.com"] },
  permissions: ["clipboardWrite"],
  prefersBorder: true,
});

export const showOrder = defineTool({
  name: "show_order",
  title: "Show an order",
  description: "Reads one order and shows it as a card.",
  scopes: ["order:read"],
  effect: "read",
  input: z.object({ id: z.string().describe("Id of the order.") }),
  output: z.object({ id: z.string(), state: z.string() }),
  examples: [{ title: "One", input: { id: "o1" } }],
  ui: { resource: app.uri, visibility: ["model", "app"] },
  run: ({ id }) => ({ id, state: "sent" }),
});
