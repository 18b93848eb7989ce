/** Results over the budget of their tool: the first part at once, the rest kept for whoever got the first, a part for each cursor. */
import { isRecord } from "../../lib/is-record.ts";
import type { Clock } from "../../lib/clock.ts";
import { createId } from "../../lib/id.ts";
import type { Log } from "../../lib/log.ts";
import { deriveKey, openSigned, seal, signValue, unseal } from "../../lib/secret.ts";
import type { Store } from "../../store/index.ts";
import type { RegisteredTool } from "../../tool/index.ts";
import type { Call, Ended } from "../call.ts";
import { answerPart, CURSOR_TTL_MINUTES, type Standing } from "./answer-part.ts";
import { isWithin, type Whole } from "./budget.ts";
import { cutResult, type Piece, type Pieces } from "./cut-result.ts";

export { isGenerator, runGenerator } from "./run-generator.ts";
export { isLarge, isSmall, type Whole } from "./budget.ts";
export { MAX_RESULT_BYTES } from "./max-result-bytes.ts";

export interface ResultsDeps {
  readonly store: Pick<Store, "results">;
  readonly now: Clock;
  readonly cursorKey: Uint8Array;
  readonly log: Log;
}

export interface Results {
  /** The result as it is, or its first part when it is over the budget of its tool. */
  answer(call: Call, target: RegisteredTool, whole: Whole): Ended | Promise<Ended>;
  /** The part that a cursor stands for, or a text that says that it stands for none here. */
  resume(call: Call, target: RegisteredTool, cursor: string): Promise<Ended>;
  close(): void;
}

/** By this a cursor of ours is told from one of a tool. */
const PREFIX = "more_";
const TTL_MS = CURSOR_TTL_MINUTES * 60_000;
const SWEEP_MS = 5 * 60_000;
/** What is kept for one principal. */
const LIMITS = { results: 64, bytes: 64 * 1024 * 1024 };

export function createResults(deps: ResultsDeps): Results {
  const { store, now, log, cursorKey } = deps;
  const sealKey = deriveKey(cursorKey, "stored-result");
  const sweep = setInterval(() => {
    store.results.sweep(now()).catch((error: unknown) => log.error({ err: error }, "results that were kept could not be swept"));
  }, SWEEP_MS).unref();

  const cursorOf = (call: Call, target: RegisteredTool, place: Place) => PREFIX + signValue(cursorKey, place, ownerOf(call, target));

  /** Keeps all parts but the first. */
  async function keep(call: Call, target: RegisteredTool, { id, pieces, isDropped }: Kept): Promise<void> {
    const at = now();
    const { workspaceId, clientId, subject } = call.request.principal.caller;
    const rows = pieces.slice(1).map((piece, i) => {
      const part = i + 2;
      const text = `{"parts":${pieces.length},"isDropped":${isDropped},"piece":${piece}}`;
      const sealed = seal(sealKey, text, sealContext(call, target, [id, part]));
      const owner = { workspace_id: workspaceId, client_id: clientId, subject, tool: target.name };
      return { id, part, ...owner, sealed, bytes: sealed.length, created_at: at, expires_at: at + TTL_MS };
    });
    await store.results.add(rows, LIMITS);
  }

  async function cut(call: Call, target: RegisteredTool, whole: Whole): Promise<Ended> {
    const id = createId("res");
    const { pieces, isDropped } = await cutResult(whole, target);
    const parts = pieces.length;
    let isKept = parts > 1;
    if (isKept) {
      await keep(call, target, { id, pieces, isDropped }).catch((error: unknown) => {
        isKept = false;
        log.error({ err: error, decision: call.id }, "the rest of a result could not be kept");
      });
    }
    const cursor = isKept ? cursorOf(call, target, [id, 2]) : undefined;
    return answerPart(target, parsePiece(pieces[0]), { part: 1, parts, cursor, isDropped });
  }

  async function resume(call: Call, target: RegisteredTool, cursor: string): Promise<Ended> {
    const place = parsePlace(openSigned(cursorKey, cursor.slice(PREFIX.length), ownerOf(call, target)));
    if (place === undefined) return invalidCursor(target);
    const [id, part] = place;
    const { workspaceId, clientId, subject } = call.request.principal.caller;
    const row = await store.results.find({ id, part, workspaceId, clientId, subject, tool: target.name }, now());
    if (row === undefined) return invalidCursor(target);
    const stored = JSON.parse(unseal(sealKey, row.sealed, sealContext(call, target, place))) as Stored;
    const next = part < stored.parts ? cursorOf(call, target, [id, part + 1]) : undefined;
    return answerPart(target, stored.piece, { part, parts: stored.parts, cursor: next, isDropped: stored.isDropped });
  }

  return {
    answer(call, target, whole) {
      const { json } = whole;
      if (json === undefined || !isWithin(whole, target)) return cut(call, target, whole);
      return { outcome: whole.isError ? "tool_error" : "ok", answer: { type: "complete", json } };
    },
    resume,
    close: () => clearInterval(sweep),
  };
}

interface Kept extends Pieces {
  readonly id: string;
}

interface Stored extends Pick<Standing, "parts" | "isDropped"> {
  readonly piece: Piece;
}

/** Id of the result, and which of its parts. */
type Place = readonly [id: string, part: number];

function parsePlace(value: unknown): Place | undefined {
  if (!Array.isArray(value)) return undefined;
  const [id, part] = value as readonly unknown[];
  return typeof id === "string" && typeof part === "number" ? [id, part] : undefined;
}

function parsePiece(json: string | undefined): Piece {
  return json === undefined ? { blocks: [], isError: false } : (JSON.parse(json) as Piece);
}

/** For whom and what a cursor is signed: nobody else can use it, and for no other tool. */
function ownerOf(call: Call, { name }: RegisteredTool): string {
  const { workspaceId, clientId, subject, environments = null } = call.request.principal.caller;
  return `more ${JSON.stringify([name, workspaceId, clientId, subject, environments])}`;
}

function sealContext(call: Call, target: RegisteredTool, place: Place): string {
  return `${ownerOf(call, target)} ${place.join(" ")}`;
}

/** The same for a cursor that is forged, too old, or somebody else's: whoever holds it learns nothing from the answer. */
function invalidCursor({ name }: RegisteredTool): Ended {
  const text = `This cursor is not valid (any more). Call ${name} again without it.`;
  const json = JSON.stringify({ content: [{ type: "text", text }], isError: true });
  return { outcome: "invalid_arguments", answer: { type: "complete", json } };
}

/** The cursor among the arguments of a call, when it is for us: one of ours, or any for a tool whose `cursor` is not its own. */
export function cursorAmong({ addsCursor }: RegisteredTool, args: unknown): string | undefined {
  const cursor = isRecord(args) ? args["cursor"] : undefined;
  if (typeof cursor !== "string") return undefined;
  return cursor.startsWith(PREFIX) || (addsCursor && cursor !== "") ? cursor : undefined;
}

/** The arguments without an empty `cursor`, which models send for "none", when the tool does not know of it. */
export function argumentsFor({ addsCursor }: RegisteredTool, args: unknown): unknown {
  if (!addsCursor || !isRecord(args) || (args["cursor"] !== "" && args["cursor"] !== null)) return args;
  const { cursor: _none, ...others } = args;
  return others;
}
