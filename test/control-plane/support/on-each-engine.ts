import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { controlPlane } from "../../../src/control-plane/index.ts";
import { ENGINES } from "../../store/support/engines.ts";
import { createToolHarness, type ToolHarness, type ToolOutside } from "../../support/tool-harness.ts";

/**
 * Declares tests that run once on each engine. All tests of a file share one harness an engine, with the world that `prepare` makes in it.
 */
export function onEachEngine<W extends object>(prepare: (harness: ToolHarness) => Promise<W>, outside?: ToolOutside) {
  const worlds = ENGINES.map((engine) => {
    let harness: ToolHarness | undefined;
    let world: (W & { readonly harness: ToolHarness }) | undefined;
    before(async () => {
      harness = await createToolHarness(engine, controlPlane, outside);
      world = { ...(await prepare(harness)), harness };
    });
    after(() => harness?.close());
    return { engine, world: () => world };
  });
  return (title: string, body: (world: W & { readonly harness: ToolHarness }) => Promise<void>): void => {
    for (const { engine, world } of worlds) {
      test(`${title} (${engine.name})`, async () => {
        const prepared = world();
        assert.ok(prepared);
        await body(prepared);
      });
    }
  };
}
