import type { CallPath } from "../call/index.ts";
import { isRefusal, type Refusal } from "../errors.ts";
import { headerOf, type Exchange } from "./exchange.ts";
import { replyRefusal, type RequestId } from "./wire.ts";

/** A message that cannot be served, as far as it could be read. */
export interface Unserved {
  readonly refusal: Refusal;
  readonly method?: string;
  readonly id?: RequestId | undefined;
}

/** A message of a known caller that cannot be served goes on record like any other refusal, and is then answered. */
export async function refuseOnRecord(path: CallPath, exchange: Exchange, { refusal, method = "", id }: Unserved): Promise<void> {
  replyRefusal(exchange, (await observeAs(path, exchange, { method, refusal })) ?? refusal, id);
}

/** Puts on record what a known caller asked for and whether it was refused. Returns the refusal to answer with, which may be that of the ledger. */
export async function observeAs(
  path: CallPath,
  { principal, cancelled, headers }: Exchange,
  { method, refusal }: { readonly method: string; readonly refusal: Refusal | undefined },
): Promise<Refusal | undefined> {
  const meta = { protocol: headerOf(headers, "mcp-protocol-version") ?? "", capabilities: {} };
  const answer = await path.observe({ principal, cancelled, method, params: {}, meta }, refusal ?? { type: "complete", json: "{}" });
  return isRefusal(answer) ? answer : undefined;
}
