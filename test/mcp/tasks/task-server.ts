/**
 * A server with the slow tools, as a process that can be killed: data folder and port in argv[2] and argv[3]; with argv[4] `open` its runs
 * end at once. Tells the credentials of a new agent when it listens.
 */
import { createServer, parseConfig } from "../../../src/index.ts";
import { createTaskSurface } from "./task-surface.ts";

const [dataDir = "", port = "", gateState] = process.argv.slice(2);
const { gate, surface } = createTaskSurface();
if (gateState === "open") gate.open();
const config = parseConfig({ REMIT_DATA: dataDir, PORT: port, REMIT_LOG_LEVEL: "silent" });
const server = await createServer({ ...surface, config });
await server.operator.seed(async (db, now) => {
  const known = await db.selectFrom("workspace").select("id").executeTakeFirst();
  if (known === undefined) await db.insertInto("workspace").values({ id: "wks_test", name: "Test", created_at: now }).execute();
});
const agent = await server.operator.createAgent({ name: "test", scopes: ["work:write"] });
if ("problems" in agent) throw new Error(agent.problems.join("\n"));
await server.listen();
process.stdout.write(`${JSON.stringify({ clientId: agent.clientId, clientSecret: agent.clientSecret })}\n`);
