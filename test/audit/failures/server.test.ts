import assert from "node:assert/strict";
import { test } from "node:test";
import { createServer, parseConfig } from "../../../src/index.ts";
import { callTool, startServer } from "../../support/remit.ts";
import { createSurface } from "../../support/tools.ts";

test("a running server counts what goes wrong, tells it at once, and has it after a restart", async (t) => {
  const surface = createSurface();
  const server = await startServer(t, surface);
  const [tool] = surface.tools ?? [];
  assert.ok(tool !== undefined);
  const token = await server.token(tool.scopes.join(" "));
  const misspelt = `${tool.name}s`;
  for (let i = 0; i < 3; i++) await callTool(server, token, misspelt);
  const answer = await callTool(server, token, misspelt);
  assert.match(String(answer.body.error?.message), new RegExp(`Did you mean "${tool.name}"`));
  await callTool(server, token, tool.name, { no_such_parameter: 1 });
  const clusters = await server.operator.listFailures({});
  const [first, second] = clusters;
  assert.deepEqual([first?.cause, first?.target, first?.meant, first?.calls], ["unknown_tool", misspelt, tool.name, 4]);
  assert.deepEqual([second?.cause, second?.detail, second?.calls], ["unknown_parameter", "no_such_parameter", 1]);
  const given = await server.operator.failureCase(second?.id ?? "");
  assert.deepEqual(await server.operator.replayFailure(given), {
    id: second?.id,
    fails: true,
    says: `${tool.name} still expects no no_such_parameter.`,
  });
  assert.ok("problems" in (await server.operator.failureCase("fail_none")));
  assert.ok("problems" in (await server.operator.replayFailure({ remit_case: 2 })));
  await server.close();
  const again = await createServer({
    ...surface,
    config: parseConfig({ PORT: "0", REMIT_DATA: server.dataDir, REMIT_LOG_LEVEL: "silent" }),
  });
  assert.deepEqual(await again.operator.listFailures({}), clusters);
  await again.close();
});
