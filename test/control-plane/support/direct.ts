import assert from "node:assert/strict";
import type { CallContext, Plan, Tool } from "../../../src/tool/index.ts";
import { isUndoable, specialKind } from "../../../src/tool/index.ts";
import type { Agent, ToolHarness } from "../../support/tool-harness.ts";

/** What came of planning, doing or undoing: the value, or the text of the error. */
export type Came<V> = { readonly value: V } | { readonly error: string };

export interface Done {
  readonly answer: Came<unknown>;
  /** What it takes to undo it, as it would be kept: through JSON. */
  readonly data: unknown;
}

/** The declared code of tools that lose something, reached as what stands around it (approval, idempotency) would reach it. */
export function direct(harness: ToolHarness, agent: Agent) {
  const toolOf = (name: string): Tool => {
    const tool = harness.registry.tools.get(name)?.tool;
    assert.ok(tool, name);
    return tool;
  };
  const { workspaceId, clientId = "agt_test", subject = clientId, environments } = agent;
  const scopes = harness.registry.scopes.parse(agent.scope);
  const caller = {
    clientId,
    subject,
    workspaceId,
    grantId: "gra_test",
    scopes: scopes.granted,
    held: scopes.held,
    expiresAt: harness.clock.now + 1000,
    ...(environments === undefined ? {} : { environments }),
  };
  const context = {
    caller,
    db: harness.store.inWorkspace(workspaceId, environments),
    now: () => harness.clock.now,
  } as unknown as CallContext<never>;

  return {
    async plan(name: string, args: object): Promise<Came<Plan>> {
      const { plan } = toolOf(name);
      assert.ok(plan);
      return came<Plan>(await plan(parsed(harness, name, args), context));
    },
    async run(name: string, args: object): Promise<Done> {
      const answer: unknown = await toolOf(name).run(parsed(harness, name, args), context as never);
      if (!isUndoable(answer)) return { answer: came(answer), data: undefined };
      return { answer: { value: answer.answer }, data: JSON.parse(JSON.stringify(answer.data)) };
    },
    async undo(name: string, data: unknown): Promise<Came<string>> {
      const { undo } = toolOf(name);
      assert.ok(undo);
      return came<string>(await undo.run(data, context));
    },
  };
}

function parsed(harness: ToolHarness, name: string, args: object): never {
  const result = harness.registry.tools.get(name)?.input.validate(args);
  assert.ok(result?.ok, `${name} ${JSON.stringify(args)}`);
  return result.value as never;
}

function came<V>(value: unknown): Came<V> {
  if (specialKind(value) !== "error") return { value: value as V };
  const { content } = value as { readonly content: readonly { readonly text: string }[] };
  return { error: content[0]?.text ?? "" };
}
