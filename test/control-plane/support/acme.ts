import assert from "node:assert/strict";
import type { ToolHarness, ToolResult } from "../../support/tool-harness.ts";
import { direct } from "./direct.ts";
import { addWorkspace, rowsOf } from "./workspaces.ts";

export type Args = Readonly<Record<string, unknown>>;

/** A workspace with the means to use its tools in the environment `own.environmentId`. */
export async function acme(harness: ToolHarness) {
  const own = await addWorkspace(rowsOf(harness.store), "Acme");
  const other = await addWorkspace(rowsOf(harness.store), "Other");
  const hasPlace = (tool: string): boolean => {
    const { properties = {} } = harness.registry.tools.get(tool)?.input.schema ?? {};
    return Object.hasOwn(properties as object, "environment_id");
  };
  const call = (tool: string, args: Args = {}): Promise<ToolResult> =>
    harness.call(own.agent, { tool, arguments: hasPlace(tool) ? { environment_id: own.environmentId, ...args } : args });
  return {
    own,
    other,
    /** With the environment, unless another is given or the tool takes none. */
    call,
    /** The value of a call that must succeed. */
    async ok(tool: string, args: Args = {}): Promise<Readonly<Record<string, unknown>>> {
      const { isError, text, value } = await call(tool, args);
      assert.ok(!isError, `${tool}: ${text}`);
      return value;
    },
    /** The text of a call that must not succeed. */
    async refused(tool: string, args: Args = {}): Promise<string> {
      const { isError, text } = await call(tool, args);
      assert.ok(isError, `${tool} was done`);
      return text;
    },
    acts: direct(harness, own.agent),
    at: (args: Args) => ({ environment_id: own.environmentId, ...args }),
  };
}

/** The value of what must have come to be. */
export function valueOf<V>(came: { readonly value: V } | { readonly error: string }): V {
  assert.ok("value" in came, "error" in came ? came.error : "");
  return came.value;
}

/** The text of what must have been refused. */
export function errorOf(came: { readonly value: unknown } | { readonly error: string }): string {
  assert.ok("error" in came, "it was done");
  return came.error;
}
