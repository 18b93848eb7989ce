import { test } from "node:test";
import { listOrders, scopes, shop } from "../../examples/mounts/own-database.ts";
import { createTestServer } from "../../src/testing/index.ts";

test("a tool answers from a database of its own, with the rows of the caller's workspace", async () => {
  shop.exec("create table orders (id integer primary key, tenant text not null, total integer not null)");
  shop.exec("insert into orders (tenant, total) values ('wks_test', 1990), ('wks_other', 5), ('wks_test', 120)");
  await using server = await createTestServer({ scopes, tools: [listOrders] });
  const agent = await server.agent({ scopes: ["order:read"] });
  const orders = [
    { id: 1, total: 1990 },
    { id: 3, total: 120 },
  ];
  (await agent.call(listOrders, {})).assertOk({ orders }).assertRecord({ tool: "list_orders", workspace: "wks_test" });
});
