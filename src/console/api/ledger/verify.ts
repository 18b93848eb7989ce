import type { Audit } from "../../../audit/index.ts";
import type { VerifyLine } from "../../contract-evidence.ts";
import { ConsoleProblem, type ConsoleContext } from "../../endpoint.ts";

/** Each reads the whole ledger, so a server runs one at a time. */
const underWay = new WeakSet<object>();

const BUSY = new ConsoleProblem(409, {
  code: "under_way",
  message: "The ledger is being verified already.",
  next: "Try again when that has ended.",
});

type Verifying = Pick<ConsoleContext, "audit" | "signal"> & { readonly operator: Pick<ConsoleContext["operator"], "ledgerKey"> };

/** Recomputes the chain and its checkpoints from the first record on, and tells how far it came. */
export async function verifyChain({ audit, operator, signal }: Verifying): Promise<AsyncIterable<VerifyLine>> {
  if (underWay.has(audit)) throw BUSY;
  underWay.add(audit);
  let checked = 0;
  let step = Promise.withResolvers<undefined>();
  const onProgress = (records: number) => {
    // Nobody waits for it any more.
    signal.throwIfAborted();
    checked = records;
    step.resolve(undefined);
  };
  const verifying = audit.verify({ key: operator.ledgerKey(), onProgress }).finally(() => underWay.delete(audit));
  // Whoever goes away does not take the end of it.
  verifying.catch(() => undefined);
  const of = await audit.records();
  return (async function* (): AsyncGenerator<VerifyLine> {
    for (;;) {
      const ended = await Promise.race([verifying, step.promise]);
      if (ended !== undefined) return void (yield lastLine(ended));
      step = Promise.withResolvers();
      yield { checked, of: Math.max(of, checked) };
    }
  })();
}

function lastLine({ ok, records, signed, why }: Awaited<ReturnType<Audit["verify"]>>): VerifyLine {
  return { ok, records, signed: signed ?? 0, problems: why === null ? [] : [`The chain is broken: ${why}.`] };
}
