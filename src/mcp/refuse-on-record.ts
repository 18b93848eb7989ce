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
  const { principal, cancelled, headers } = exchange;
  const meta = { protocol: headerOf(headers, "mcp-protocol-version") ?? "", capabilities: {} };
  const answer = await path.observe({ principal, cancelled, method, params: {}, meta }, refusal);
  replyRefusal(exchange, isRefusal(answer) ? answer : refusal, id);
}
