import { html } from "hono/html";
import { hidden, renderProblem, renderWho } from "../layout.ts";
import type { PageAccount } from "../page-deps.ts";
import { signInPath } from "../return-to.ts";
import { field, type Answer, type PageContent, type SignedInVisit } from "../visit.ts";
import { decide } from "./decide.ts";

const PATH = "/device";
const NOT_FOUND = "No device waits with this code. Check it, and whether the device shows a newer one.";
const TOO_MANY = "Too many codes were tried. Wait a few minutes, then try again.";

/** A user code as it is stored: letters only, upper case. People type it with or without dash and spaces. */
function parseUserCode(text: string): string {
  return text.replace(/[\s\p{Pd}]/gu, "").toUpperCase();
}

const withDash = (code: string): string => (code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code);

/** GET /device. A code in the address fills the field only: a link that somebody sent must not lead straight to a decision (RFC 8628 §5.4). */
export async function showDevice(visit: SignedInVisit): Promise<Answer> {
  const account = await visit.deps.people.findAccount(visit.session.accountId);
  if (account === undefined) return { redirect: signInPath(PATH) };
  return renderCodeForm(visit, { account, code: parseUserCode(visit.query.get("user_code") ?? "").slice(0, 16) });
}

/** POST /device: the code, then the workspace, then the decision; each with the code. */
export async function decideDevice(visit: SignedInVisit): Promise<Answer> {
  const { deps, session } = visit;
  const account = await deps.people.findAccount(session.accountId);
  if (account === undefined) return { redirect: signInPath(PATH) };
  const code = parseUserCode(field(visit, "user_code")).slice(0, 16);
  if (code === "") return renderCodeForm(visit, { account, code, problem: "Enter the code that the device shows." });
  const pending = await deps.authorizations.pendingDevice(code, session);
  if (pending === "too_many") return { ...renderCodeForm(visit, { account, code, problem: TOO_MANY }), status: 429 };
  if (pending === undefined) return renderCodeForm(visit, { account, code, problem: NOT_FOUND });
  const view = await deps.authorizations.view(pending, session.accountId);
  const shown = { issuerName: deps.issuerName, account, csrf: session.csrf, view, action: PATH, returnTo: PATH };
  return decide(visit, { pending, page: { ...shown, fields: { user_code: code }, userCode: withDash(code) } });
}

interface CodeForm {
  readonly account: PageAccount;
  readonly code: string;
  readonly problem?: string;
}

function renderCodeForm({ session: { csrf } }: SignedInVisit, { account, code, problem }: CodeForm): PageContent {
  const isWrong = problem !== undefined;
  const body = html`<h1>Connect a device</h1>
    <p class="lead">Enter the code that your device or terminal shows. You see what it asks for before anything is shared.</p>
    ${renderProblem(problem)}
    <form method="post" action="${PATH}">
      ${hidden({ csrf })}
      <label for="user-code">Code</label>
      <input
        class="code-input"
        id="user-code"
        name="user_code"
        type="text"
        required
        maxlength="16"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        aria-describedby="code-hint"
        value="${withDash(code)}"
        ${isWrong ? html` aria-invalid="true"` : html` autofocus`}
      />
      <p class="hint" id="code-hint">Eight letters, such as BCDF-GHJK. Capitals, dash and spaces do not matter.</p>
      <button class="button main full submit">Continue</button>
    </form>
    ${renderWho(account, { csrf, returnTo: PATH })}`;
  return { title: isWrong ? "Problem: connect a device" : "Connect a device", body, ...(isWrong ? { status: 422 } : {}) };
}
