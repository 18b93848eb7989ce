import type { Ledger } from "./ledger.ts";

/**
 * After a crash: every intent that has no outcome gets the outcome `unknown`, because nobody can say how far it came. Returns how many.
 */
export async function recoverIntents(ledger: Ledger, at: number): Promise<number> {
  const bodies = await ledger.openIntents();
  await Promise.all(
    bodies.map((body) => {
      const intent = JSON.parse(body) as { readonly decision: string };
      const outcome = { ...intent, kind: "outcome", at, outcome: "unknown", note: "the server stopped before the call ended" };
      return ledger.append({ kind: "outcome", ref: intent.decision, body: JSON.stringify(outcome) });
    }),
  );
  return bodies.length;
}
