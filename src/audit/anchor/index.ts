/** Checkpoints kept where the server's owner cannot change them later: they show also an end that was cut off. */
import { open, readFile } from "node:fs/promises";
import { BootError } from "../../errors.ts";
import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import type { Log } from "../../lib/log.ts";
import { parseNote, type Verifier } from "../checkpoints/index.ts";
import type { KnownRoot } from "../verify.ts";

export interface AnchorOptions {
  /** A file that notes are added to, or the https URL that each is sent to. */
  readonly to: string;
  readonly post: GuardedFetch;
  readonly log: Pick<Log, "error">;
}

/** Takes signed checkpoints (C2SP signed-note), one after the other. What cannot be kept is logged; the next one covers it. */
export function createAnchor({ to, post, log }: AnchorOptions): (note: string) => Promise<void> {
  const keep = /^https?:/.test(to) ? (note: string) => sendNote(post, to, note) : (note: string) => addNote(to, note);
  let last: Promise<void> = Promise.resolve();
  return (note) =>
    (last = last
      .then(() => keep(note))
      .catch((err: unknown) => log.error({ err, anchor: to }, "a checkpoint could not be anchored; the next one covers it")));
}

async function sendNote(post: GuardedFetch, url: string, note: string): Promise<void> {
  const { status } = await post(url, { method: "POST", headers: { "content-type": "text/plain; charset=utf-8" }, body: note });
  if (status < 200 || status > 299) throw new Error(`it answered ${status}`);
}

async function addNote(path: string, note: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    await file.appendFile(`${JSON.stringify({ note })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The roots in a file of anchored checkpoints. Throws BootError that names a line that is none, or that the key did not sign. */
export async function readAnchors(path: string, verifier?: Verifier): Promise<readonly KnownRoot[]> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new BootError([`there is no file ${path} that can be read`]);
  });
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line, i) => {
    const note = noteIn(line);
    const checkpoint = note === undefined ? undefined : (verifier ?? parseNote)(note);
    if (checkpoint === undefined) {
      throw new BootError([`line ${i + 1} of ${path} is no checkpoint${verifier === undefined ? "" : " that this key signed"}`]);
    }
    return { records: checkpoint.size, root: checkpoint.root };
  });
}

function noteIn(line: string): string | undefined {
  try {
    const { note } = JSON.parse(line) as { readonly note?: unknown };
    return typeof note === "string" ? note : undefined;
  } catch {
    return undefined;
  }
}
