import { html } from "hono/html";
import { hidden, renderProblem } from "../layout.ts";
import type { PageProblem, PageSignIn } from "../page-deps.ts";
import { HOME_PATH, parseReturnTo, signInPath } from "../return-to.ts";
import { addressOf, field, type Answer, type Html, type SignedInVisit, type Visit } from "../visit.ts";

/** GET /sign-in. Somebody who is signed in already goes on. */
export async function showSignIn(visit: Visit): Promise<Answer> {
  const returnTo = parseReturnTo(visit.query.get("return_to"));
  if (visit.session?.state === "full") return { redirect: returnTo };
  return visit.session === undefined ? renderSignIn(visit, { returnTo }) : renderSecondStep(visit, { returnTo });
}

/** POST /sign-in. */
export async function signInWithPassword(visit: Visit): Promise<Answer> {
  const returnTo = parseReturnTo(field(visit, "return_to"));
  const [email, password] = [field(visit, "email").trim(), field(visit, "password")];
  if (email === "" || password === "")
    return renderSignIn(visit, { returnTo, email, problem: { problem: "Enter your email address and your password." } });
  const result = await visit.deps.people.signInWithPassword({ email, password, address: addressOf(visit) });
  if ("problem" in result) return renderSignIn(visit, { returnTo, email, problem: result });
  return signedIn(visit, result, returnTo);
}

/** POST /sign-in/passkey/options: what the browser needs to ask for a passkey. */
export async function passkeyOptions({ deps, session }: Visit): Promise<Answer> {
  return { json: await deps.people.passkeys.signInOptions(session) };
}

/** POST /sign-in/passkey. */
export async function signInWithPasskey(visit: Visit): Promise<Answer> {
  const returnTo = parseReturnTo(field(visit, "return_to"));
  const response = parseCredential(field(visit, "response"));
  const { session } = visit;
  const result: PageSignIn =
    response === undefined
      ? { problem: "The browser sent no passkey." }
      : await visit.deps.people.passkeys.signIn({ response, address: addressOf(visit), session });
  if (!("problem" in result)) return signedIn(visit, result, returnTo);
  return session === undefined
    ? renderSignIn(visit, { returnTo, problem: result })
    : renderSecondStep(visit, { returnTo, problem: result });
}

/** A credential as JSON, for the part that verifies it; undefined when it is none. */
export function parseCredential(text: string): unknown {
  try {
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** POST /sign-out. */
export async function signOut(visit: SignedInVisit): Promise<Answer> {
  const returnTo = parseReturnTo(field(visit, "return_to"));
  return {
    redirect: returnTo === HOME_PATH ? "/sign-in" : signInPath(returnTo),
    cookies: [await visit.deps.people.signOut(visit.session)],
  };
}

/** Goes on with the new session. One of somebody else at the same browser ends. */
export async function signedIn(visit: Visit, { cookie, session }: Exclude<PageSignIn, PageProblem>, returnTo: string): Promise<Answer> {
  const { session: before, deps } = visit;
  if (before !== undefined && before.idHash !== session.idHash) await deps.people.signOut(before);
  return { redirect: session.state === "full" ? returnTo : signInPath(returnTo), cookies: [cookie] };
}

interface SignInState {
  readonly returnTo: string;
  readonly email?: string;
  readonly problem?: PageProblem;
}

/** Status and headers that go with a refused attempt. */
export function refused(problem: PageProblem | undefined) {
  if (problem === undefined) return {};
  const { retryAfterSeconds } = problem;
  return retryAfterSeconds === undefined
    ? { status: 422 }
    : { status: 429, headers: { "Retry-After": String(Math.ceil(retryAfterSeconds)) } };
}

function renderElsewhere(action: string, name: string, fields: ReturnType<typeof hidden>): Html {
  return html`<form method="post" action="${action}">
    ${fields}
    <div class="or">or</div>
    <button class="button full">Sign in with ${name}</button>
  </form>`;
}

export function renderSignIn(visit: Visit, { returnTo, email = "", problem }: SignInState): Answer {
  const { cookie, csrf } = visit.ties.create(visit.req);
  const fields = hidden({ csrf, return_to: returnTo });
  const { external, own } = visit.deps.people;
  const body = html`<h1>Sign in</h1>
    <p class="lead">${reason(returnTo)}</p>
    ${renderProblem(problem?.problem)}
    <form method="post" action="/sign-in">
      ${fields}
      <label for="email">Email</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="username webauthn"
        required
        value="${email}"
        ${email === "" && problem === undefined ? html` autofocus` : ""}
      />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <button class="button main full submit">Sign in</button>
    </form>
    ${renderPasskeyForm({ fields, label: "Use a passkey", hasRule: true })}
    ${[own && renderElsewhere("/sign-in/own", own.name, fields), external && renderElsewhere("/sign-in/external", external.name, fields)]}
    <p class="small">
      No password yet, or forgotten? Ask an operator of this server for a sign-in link; they make one with
      <code>npx remit account link ${email === "" ? "EMAIL" : email}</code>.
    </p>`;
  return {
    title: problem === undefined ? "Sign in" : "Problem: sign in",
    body,
    hasScript: true,
    ...refused(problem),
    ...(cookie === undefined ? {} : { cookies: [cookie] }),
  };
}

function reason(returnTo: string): string {
  if (returnTo.startsWith("/interaction/"))
    return "An agent asks for access. Sign in to see what it wants; nothing is shared before you decide.";
  return returnTo.startsWith("/device") ? "Sign in to connect a device." : "To see and change what agents may do for you.";
}

/** After a password, for accounts that have a passkey. */
function renderSecondStep(visit: Visit, { returnTo, problem }: SignInState): Answer {
  const { cookie, csrf } = visit.ties.create(visit.req);
  const body = html`<h1>Confirm with your passkey</h1>
    <p class="lead">Your password was right. This account also has a passkey, which is needed to sign in.</p>
    ${renderProblem(problem?.problem)}
    ${renderPasskeyForm({ fields: hidden({ csrf, return_to: returnTo }), label: "Continue with your passkey", hasRule: false })}
    <noscript
      ><p class="note warn">
        Passkeys need JavaScript, which is off in this browser. Turn it on, or ask an operator for a sign-in link.
      </p></noscript
    >
    <p class="small">Lost your passkey? Ask an operator of this server for a sign-in link.</p>
    <form method="post" action="/sign-out">
      ${hidden({ csrf: visit.session?.csrf ?? "", return_to: returnTo })}<button class="link">Sign in as somebody else</button>
    </form>`;
  const title = problem === undefined ? "Confirm with your passkey" : "Problem: confirm with your passkey";
  return { title, body, hasScript: true, ...refused(problem), ...(cookie === undefined ? {} : { cookies: [cookie] }) };
}

/** Shown by the script when the browser knows passkeys. */
function renderPasskeyForm({
  fields,
  label,
  hasRule,
}: {
  readonly fields: Html[];
  readonly label: string;
  readonly hasRule: boolean;
}): Html {
  return html`<form method="post" action="/sign-in/passkey" data-passkey="get" data-options="/sign-in/passkey/options" hidden>
    ${fields}
    <input type="hidden" name="response" />
    ${hasRule ? html`<div class="or">or</div>` : ""}<button class="button full${hasRule ? "" : " main"}">${label}</button>
    <p class="small" role="status"></p>
  </form>`;
}
