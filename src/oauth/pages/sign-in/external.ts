import { renderHandOver } from "../notice-page.ts";
import { parseReturnTo } from "../return-to.ts";
import { addressOf, field, type Answer, type Visit } from "../visit.ts";
import { renderSignIn, signedIn } from "./sign-in-page.ts";

const NOT_OFFERED = { problem: "This server offers no sign-in at another provider." };

/** POST /sign-in/external: off to the provider. */
export async function startExternal(visit: Visit): Promise<Answer> {
  const returnTo = parseReturnTo(field(visit, "return_to"));
  const { external } = visit.deps.people;
  if (external === undefined) return renderSignIn(visit, { returnTo, problem: NOT_OFFERED });
  const { location, cookie } = await external.start(returnTo);
  return { ...renderHandOver(location, visit.deps.url), cookies: [cookie] };
}

/** GET /sign-in/external: back from the provider. */
export async function finishExternal(visit: Visit): Promise<Answer> {
  const { external } = visit.deps.people;
  if (external === undefined) return renderSignIn(visit, { returnTo: parseReturnTo(undefined), problem: NOT_OFFERED });
  const url = new URL(visit.req.url ?? "/", visit.deps.url);
  const result = await external.finish(url, visit.req.headers.cookie, addressOf(visit));
  if ("problem" in result) return renderSignIn(visit, { returnTo: parseReturnTo(undefined), problem: result });
  return signedIn(visit, result, parseReturnTo(result.returnTo));
}
