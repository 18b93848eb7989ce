/** The smallest server: one scope, one tool. `node examples/first-server/server.ts` runs it; the README shows it. */
// #region server
import { createServer, defineScopes, defineTool } from "../../src/index.ts";
import * as z from "zod";

const scopes = defineScopes({ "text:read": { description: "Count the words of texts you send.", access: "read", baseline: true } });

const countWords = defineTool({
  name: "count_words",
  title: "Count words",
  description: "Counts the words of a text. Use it instead of counting yourself.",
  scopes: ["text:read"],
  effect: "read",
  input: z.object({ text: z.string().max(10_000).describe("The text to count in.") }),
  output: z.object({ words: z.number().int() }),
  examples: [{ title: "A greeting", input: { text: "Hello, world" }, output: { words: 2 } }],
  run: ({ text }) => ({ words: text.split(/\s+/).filter(Boolean).length }),
});

const server = await createServer({ scopes, tools: [countWords] });
await server.listen();
// #endregion

// #region agent
const isFirst = await server.operator.seed(async (db, now) => {
  await db.insertInto("workspace").values({ id: "wks_first", name: "First workspace", created_at: now }).execute();
  return true;
});
const agent = isFirst === true ? await server.operator.createAgent({ name: "First agent", scopes: ["text:read"] }) : null;
console.log(JSON.stringify({ mcp: server.mcpUrl, issuer: server.url, agent }));
// #endregion

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
