/** Calls that change something: held until people approve, carried out once, and taken back. Reads do not come here. */
import { refuse } from "../../errors.ts";
import { createId } from "../../lib/id.ts";
import type { ChangeEntryRow } from "../../store/index.ts";
import type { ToolError } from "../../tool/index.ts";
import type { Call, Ended } from "../call.ts";
import type { Input } from "../validate.ts";
import type { ChangeDeps } from "./change-deps.ts";
import { hold, stillWaiting } from "./hold.ts";
import { createKeys, keyProblem, type Keys } from "./keys.ts";
import { repeat } from "./repeat.ts";
import { settle } from "./settle.ts";
import type { Person } from "../principal.ts";
import { undoableChanges, undoByPerson, type UndoableChange, type Undone } from "./undo-by-person.ts";
import { undoChange } from "./undo.ts";

export type { ChangeDeps } from "./change-deps.ts";

export interface ChangeSteps {
  /** Carries a change out, if nothing holds it and nobody did it before; its intent is on record first. */
  perform(call: Call, input: Input): Promise<Ended>;
  undo(call: Call, changeId: string): Promise<string | ToolError>;
  /** Those of a workspace that can or could be undone. */
  undoable(workspaceId: string): Promise<readonly UndoableChange[]>;
  undoByPerson(person: Person, changeId: string): Promise<Undone>;
  close(): void;
}

const SWEEP_MS = 300_000;

export function createChangeSteps(deps: ChangeDeps): ChangeSteps {
  const keys = createKeys(deps);
  const { changeEntries } = deps.store;
  const sweeper = setInterval(
    () => void changeEntries.sweep(deps.now()).catch((error: unknown) => deps.log.error({ err: error }, "old changes cannot be deleted")),
    SWEEP_MS,
  ).unref();
  return {
    perform: (call, input) => perform(deps, keys, { call, input }),
    undo: (call, changeId) => undoChange(deps, call, changeId),
    undoable: (workspaceId) => undoableChanges(deps, workspaceId),
    undoByPerson: (person, changeId) => undoByPerson(deps, person, changeId),
    close: () => clearInterval(sweeper),
  };
}

interface Change {
  readonly call: Call;
  readonly input: Input;
}

async function perform(deps: ChangeDeps, keys: Keys, { call, input }: Change): Promise<Ended> {
  const { changeEntries } = deps.store;
  const row = keys.newRow(call, { id: createId("chg"), target: input.grant.target });
  if (row === undefined) return keyProblem();
  const before = await changeEntries.findByKey(row);
  const first = before === undefined ? undefined : repeat(deps, keys, { row, before, target: input.grant.target });
  if (first !== undefined) return first;
  if (before !== undefined) await changeEntries.release(before.id);
  // What is only answered again uses up nothing.
  return deps.withinLimits(call, input, () => carryOut(deps, keys, { call, input, row }));
}

async function carryOut(deps: ChangeDeps, keys: Keys, { call, input, row }: Change & { readonly row: ChangeEntryRow }): Promise<Ended> {
  const { changeEntries } = deps.store;
  const held = await hold(deps, call, input);
  if ("outcome" in held) return held;
  const other = await changeEntries.begin(row);
  if (other !== undefined) return repeat(deps, keys, { row, before: other, target: input.grant.target }) ?? keys.underWay();
  try {
    await deps.intend(call);
  } catch (error) {
    deps.log.error({ err: error }, "the ledger cannot be written; calls are refused until it can");
    await changeEntries.delete(row.id);
    return { outcome: "refused", answer: refuse("unavailable") };
  }
  if (held.approval !== undefined && !(await deps.approvals.use(held.approval, call.id))) {
    await changeEntries.delete(row.id);
    return stillWaiting(held.approval);
  }
  call.plan = held.plan;
  return settle(deps, { call, row, ended: await deps.run(call, input), approval: held.approval, target: input.grant.target });
}
