import { html } from "hono/html";
import { hidden } from "../layout.ts";
import { renderNotice } from "../notice-page.ts";
import { parseReturnTo } from "../return-to.ts";
import { addressOf, field, type Answer, type Visit } from "../visit.ts";
import { refused, signedIn } from "./sign-in-page.ts";

/** GET /sign-in/link: says whose link it is. It is used by the button only, because mail scanners and previews open links too. */
export async function showLink(visit: Visit): Promise<Answer> {
  const secret = visit.query.get("secret") ?? "";
  const account = secret === "" ? undefined : await visit.deps.people.findLinkAccount(secret);
  if (account === undefined) return overLink("This sign-in link was used already, has expired or was cut short.");
  const { cookie, csrf } = visit.ties.create(visit.req);
  const returnTo = parseReturnTo(visit.query.get("return_to"));
  const body = html`<h1>Sign in as ${account.name === "" ? account.email : account.name}?</h1>
    <p>This link signs this browser in as <strong>${account.email}</strong>. It works once.</p>
    <p class="note warn">Did somebody else send you this link? Then close the page: what you do next would be done in their account.</p>
    <form method="post" action="/sign-in/link">
      ${hidden({ csrf, secret, return_to: returnTo })} <button class="button main full submit">Sign in as ${account.email}</button>
    </form>
    <p class="small"><a href="/sign-in">Sign in another way</a></p>`;
  return { title: "Sign in with a link", body, ...(cookie === undefined ? {} : { cookies: [cookie] }) };
}

/** POST /sign-in/link. */
export async function useLink(visit: Visit): Promise<Answer> {
  const result = await visit.deps.people.signInWithLink(field(visit, "secret"), addressOf(visit));
  if ("problem" in result) return { ...overLink(result.problem), ...refused(result) };
  return signedIn(visit, result, parseReturnTo(field(visit, "return_to")));
}

function overLink(message: string) {
  return renderNotice({
    status: 410,
    title: "This link does not work",
    message,
    next: "Ask an operator of this server for a new one; they make it with “npx remit account link EMAIL”.",
  });
}
