import { DatabaseSync } from "node:sqlite";
import { defineScopes, defineTool } from "../../src/index.ts";
import * as z from "zod";

/** The database that your application has already: any, with any client. Remit neither opens it nor knows its tables. */
export const shop = new DatabaseSync(":memory:");

export const scopes = defineScopes({ "order:read": { description: "Read the orders of the shop.", access: "read", baseline: true } });

const findOrders = () => shop.prepare("select id, total from orders where tenant = ? order by id limit 20");

export const listOrders = defineTool({
  name: "list_orders",
  title: "List orders",
  description: "Lists the first orders of the shop with their totals in cents. Use it to find the id of an order.",
  scopes: ["order:read"],
  effect: "read",
  input: z.object({}),
  output: z.object({ orders: z.array(z.object({ id: z.number().int(), total: z.number().int() })) }),
  examples: [{ title: "All of them", input: {}, output: { orders: [{ id: 1, total: 1990 }] } }],
  // Who calls is decided before this runs; which rows are theirs is yours to say.
  run: (_input, { caller }) => ({ orders: findOrders().all(caller.workspaceId) as { id: number; total: number }[] }),
});
