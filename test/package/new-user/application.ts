/** An application that was there before: its own HTTP server, accounts and database. Remit is mounted in it. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { createServer, defineScopes, defineTool } from "remit";
import * as z from "zod";

const shop = new DatabaseSync(":memory:");
shop.exec("create table orders (id integer primary key, tenant text not null, total integer not null)");
shop.exec("insert into orders (tenant, total) values ('wks_shop', 1990), ('wks_other', 5)");

/** People of the application by what its cookie says. */
const PEOPLE: Readonly<Record<string, { readonly id: string; readonly email: string }>> = { ada: { id: "7", email: "ada@example.com" } };

const server = await createServer({
  scopes: defineScopes({ "order:read": { description: "Read the orders of the shop.", access: "read", baseline: true } }),
  tools: [
    defineTool({
      name: "list_orders",
      title: "List orders",
      description: "Lists the orders of the shop with their totals in cents. Use it to find the id of an order.",
      scopes: ["order:read"],
      effect: "read",
      input: z.object({}),
      output: z.object({ orders: z.array(z.object({ id: z.number().int(), total: z.number().int() })) }),
      examples: [{ title: "All of them", input: {}, output: { orders: [{ id: 1, total: 1990 }] } }],
      run(_input, { caller }) {
        const rows = shop.prepare("select id, total from orders where tenant = ?").all(caller.workspaceId);
        return { orders: rows as { id: number; total: number }[] };
      },
    }),
  ],
  accounts: {
    name: "the shop",
    signInUrl: "/login",
    identify: ({ headers }) => PEOPLE[/\bapp=(\w+)/.exec(headers.cookie ?? "")?.[1] ?? ""],
  },
});

await server.operator.seed((db, now) => db.insertInto("workspace").values({ id: "wks_shop", name: "Shop", created_at: now }).execute());
await server.operator.createPerson({ email: "ada@example.com", name: "Ada", role: "owner" });
const redirectUris = ["http://127.0.0.1:9/callback"];
const agent = await server.operator.createAgent({ name: "Assistant", scopes: ["order:read"], redirectUris });

function answer(req: IncomingMessage, res: ServerResponse): void {
  const url = new URL(req.url ?? "/", server.url);
  if (url.pathname !== "/login") return void res.end("the shop");
  res.writeHead(302, { location: url.searchParams.get("return_to") ?? "/", "set-cookie": "app=ada; Path=/" }).end();
}

const http = createHttpServer((req, res) => server.handle(req, res, () => answer(req, res)));
http.listen(Number(new URL(server.url).port), "127.0.0.1", () => console.log(JSON.stringify({ url: server.url, agent })));
process.once("SIGTERM", () => {
  http.close(() => void server.close());
  http.closeIdleConnections();
});
