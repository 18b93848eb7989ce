import type { IncomingMessage } from "node:http";
import type { Handshakes, Signal } from "../../../audit/index.ts";
import type { Answer } from "../visit.ts";
import { addressOf } from "../../../lib/client-address/index.ts";

interface Visited {
  readonly req: IncomingMessage;
  readonly url: URL;
  readonly given: Answer;
}

/** What of a visit is a step of a connection: signing in for a request that waits, and deciding about it. */
export function tellVisit(timelines: Handshakes, { req, url, given }: Visited): void {
  const { pathname, searchParams } = url;
  const own = interactionIn(pathname);
  const isPost = req.method === "POST";
  const id = own ?? (pathname.startsWith("/sign-in") ? interactionIn(searchParams.get("return_to") ?? "") : undefined);
  if (id === undefined) return;
  const source: Signal["source"] = { address: addressOf(req), userAgent: req.headers["user-agent"] };
  const tell = (step: Signal["step"], outcome: Signal["outcome"]) =>
    void timelines.tell({
      step,
      outcome,
      source,
      traces: [`interaction:${id}`],
      ...(outcome === "failed" ? { problem: "sign_in_failed" } : {}),
    });
  const isSentOn = "redirect" in given;
  if (own === undefined) {
    if (isPost && !("json" in given)) tell("sign_in", isSentOn ? "passed" : "failed");
  } else if (isSentOn && given.redirect.startsWith("/sign-in")) tell("sign_in", "waiting");
  else if (!isPost && !isSentOn) {
    tell("sign_in", "passed");
    tell("consent", "waiting");
  }
}

function interactionIn(path: string): string | undefined {
  return /^\/interaction\/([\w-]+)$/.exec(path)?.[1];
}
