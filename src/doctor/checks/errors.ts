import { found, type Step } from "../rules.ts";
import type { Wire } from "../wire.ts";

/** Frames of V8, of Python and of the JVM, as text or in HTML. */
const TRACE =
  /(?:^|\n|<br>)(?:&nbsp;|[ \t])*at [^\n<]{1,200}[:(][^\n<]{0,300}:\d|Traceback \(most recent call last\)|\n[ \t]+at [\w.$]{1,200}\(\w{1,100}\.java:\d/;
/** Whoever shows one shows it at the beginning. */
const LOOKED_AT_CHARS = 20_000;

/** What an answer to a body that is no JSON shows. */
export async function checkErrors(wire: Wire): Promise<Step> {
  const authorization = wire.ownToken === undefined ? {} : { authorization: `Bearer ${wire.ownToken}` };
  const headers = { ...authorization, "content-type": "application/json", accept: "application/json, text/event-stream" };
  const step = { name: "errors", title: "Errors" };
  const { status, text } = await wire.ask(wire.url.href, { method: "POST", headers, body: "{" });
  const findings = TRACE.test(text.slice(0, LOOKED_AT_CHARS))
    ? [found("stack-trace", `A body that is no JSON is answered with ${status} and a stack trace.`)]
    : [];
  const skipped = status === 401 ? ["the body was not read: a token is asked for first"] : [];
  return { ...step, findings, skipped };
}
