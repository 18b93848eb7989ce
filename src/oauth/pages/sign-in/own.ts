import { renderHandOver } from "../notice-page.ts";
import { parseReturnTo, signInPath } from "../return-to.ts";
import { addressOf, field, type Answer, type Visit } from "../visit.ts";
import { renderSignIn, signedIn } from "./sign-in-page.ts";

const NOT_OFFERED = { problem: "No application lets its people sign in here." };

/** POST /sign-in/own: who is signed in at the application is here too; anybody else is sent there, and back. */
export async function signInWithOwn(visit: Visit): Promise<Answer> {
  const returnTo = parseReturnTo(field(visit, "return_to"));
  const { own } = visit.deps.people;
  if (own === undefined) return renderSignIn(visit, { returnTo, problem: NOT_OFFERED });
  const result = await own.signIn(visit.req.headers, addressOf(visit));
  if (result === undefined) return renderHandOver(own.elsewhere(signInPath(returnTo)), visit.deps.url);
  if ("problem" in result) return renderSignIn(visit, { returnTo, problem: result });
  return signedIn(visit, result, returnTo);
}
