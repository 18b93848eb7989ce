import { html } from "hono/html";
import { renderExact, renderJson } from "./exact-text.ts";
import { hidden, renderProblem, renderTime, renderWho } from "./layout.ts";
import { renderNotice } from "./notice-page.ts";
import type { PageApproval, PagePlan } from "./page-deps.ts";
import { signInPath } from "./return-to.ts";
import { showUntrusted } from "./untrusted-text.ts";
import { field, type Answer, type Html, type PageContent, type SignedInVisit } from "./visit.ts";

export const APPROVALS_PATH = "/approvals";
const MAX_REASON_CHARS = 300;

/** The same for an approval that never was and for one that is not this person's to decide. */
function notTheirs(): PageContent {
  return renderNotice({
    status: 404,
    title: "There is nothing to decide here",
    message: "There is no such request, or it is not yours to decide.",
    next: "Sign in as the person the agent acts for, or ask an owner or admin of the workspace.",
  });
}

/** GET /approvals: what waits for this person. */
export async function showApprovals(visit: SignedInVisit): Promise<Answer> {
  const { deps, session } = visit;
  const [account, waiting] = await Promise.all([deps.people.findAccount(session.accountId), deps.approvals.queue(session.accountId)]);
  if (account === undefined) return { redirect: signInPath(APPROVALS_PATH) };
  const body = html`<h1>Waiting for approval</h1>
    <p class="lead">What agents want to do and may not do without a person.</p>
    ${waiting.length === 0 ? html`<p class="empty">Nothing waits. When an agent asks for something that could do harm, it stands here.</p>` : ""}
    <ul class="items" ${waiting.length === 0 ? html` hidden` : ""}>
      ${waiting.map(
        (one) =>
          html`<li>
            <div>
              <h3><a href="${APPROVALS_PATH}/${one.id}">${one.toolTitle}</a></h3>
              <p>${renderExact(one.plan.summary)}</p>
              <p class="small">
                <bdi>${showUntrusted(one.clientName).text}</bdi> · in <strong>${renderExact(one.workspaceName)}</strong> · asked
                ${renderTime(one.requestedAt)}
              </p>
            </div>
          </li>`,
      )}
    </ul>
    ${renderWho(account, { csrf: session.csrf, returnTo: APPROVALS_PATH })}`;
  return { title: "Waiting for approval", body, width: "wide" };
}

/** GET /approvals/ID: what exactly is asked for. */
export function showApproval(visit: SignedInVisit): Promise<Answer> {
  return renderApproval(visit);
}

/** POST /approvals/ID: the decision about exactly what was shown. */
export async function decideApproval(visit: SignedInVisit): Promise<Answer> {
  const { deps, session } = visit;
  const action = field(visit, "action");
  if (action !== "approve" && action !== "refuse") return renderApproval(visit, "Choose one of the two buttons.");
  const reason = field(visit, "reason").trim().slice(0, MAX_REASON_CHARS);
  const decision = { isApproved: action === "approve", digest: field(visit, "digest"), reason: reason === "" ? null : reason };
  const decided = await deps.approvals.decide(idOf(visit), session.accountId, decision);
  if ("problem" in decided) return renderApproval(visit, decided.problem);
  return { redirect: visit.path };
}

function idOf({ path }: SignedInVisit): string {
  return path.slice(APPROVALS_PATH.length + 1);
}

async function renderApproval(visit: SignedInVisit, problem?: string): Promise<Answer> {
  const { deps, session, path } = visit;
  const [account, view] = await Promise.all([
    deps.people.findAccount(session.accountId),
    deps.approvals.view(idOf(visit), session.accountId),
  ]);
  if (account === undefined) return { redirect: signInPath(path) };
  if (view === undefined) return notTheirs();
  const isOpen = view.state === "pending" && !view.hasApproved;
  const body = html`<h1>${isOpen ? "Approve this?" : view.toolTitle}</h1>
    <p class="lead">${renderExact(view.plan.summary)}</p>
    ${renderProblem(problem)} ${isOpen ? "" : renderState(view)} ${renderFacts(view)} ${renderPlan(view.plan)}
    <h2>Arguments</h2>
    <pre class="code" tabindex="0">${renderJson(view.arguments, 2)}</pre>
    ${isOpen ? renderForm(view, { csrf: session.csrf, path }) : html`<p><a href="${APPROVALS_PATH}">What else waits</a></p>`}
    ${renderWho(account, { csrf: session.csrf, returnTo: path })}`;
  return {
    title: problem === undefined ? `Approval: ${view.toolTitle}` : "Problem: approval",
    body,
    width: "wide",
    ...(problem === undefined ? {} : { status: 422 }),
  };
}

const STATES: Readonly<Record<PageApproval["state"], string>> = {
  pending: "You approved this. It needs another person.",
  approved: "This was approved. The agent may now make exactly this call, once.",
  refused: "This was refused. The agent is told.",
  used: "This was approved, and the call was made.",
  void: "Something changed, so this request does not count any more. The agent has to ask again.",
  expired: "The time to decide is over. The agent has to ask again.",
};

function renderState({ state, reason }: PageApproval): Html {
  return html`<p class="note done" role="status">${STATES[state]} ${reason === null ? "" : html`Reason: ${renderExact(reason)}`}</p>`;
}

function renderFacts(view: PageApproval): Html {
  const name = showUntrusted(view.clientName);
  return html`<dl class="facts">
    <dt>Agent</dt>
    <dd><bdi>${name.text}</bdi> <code>${view.clientId}</code>${name.warning === undefined ? "" : html`<br />${name.warning}`}</dd>
    <dt>Acts for</dt>
    <dd>${view.actsFor === null ? "nobody: it is a machine" : renderExact(view.actsFor)}</dd>
    <dt>Workspace</dt>
    <dd>${renderExact(view.workspaceName)}</dd>
    <dt>Tool</dt>
    <dd><code>${view.tool}</code> (${view.effect})</dd>
    <dt>Asked</dt>
    <dd>${renderTime(view.requestedAt)}, valid until ${renderTime(view.expiresAt)}</dd>
    ${
      view.approversNeeded === 1
        ? ""
        : html`<dt>Approvals</dt>
            <dd>
              ${view.approvedBy.length} of
              ${view.approversNeeded}${view.approvedBy.length === 0 ? "" : html`: ${renderList(view.approvedBy)}`}
            </dd>`
    }
  </dl>`;
}

function renderPlan({ changes, rows, losesAccess }: PagePlan): Html {
  return html`<h2>What would change</h2>
    <p>${rows === 0 ? "The tool does not say how many rows." : html`<strong>${rows}</strong> ${rows === 1 ? "row" : "rows"}.`}</p>
    ${
      changes.length === 0
        ? ""
        : html`<ul class="items">
            ${changes.map(
              ({ change, resource, before, after }) =>
                html`<li>
                  <div>
                    <p><strong>${renderExact(change)}</strong> <code>${renderExact(resource)}</code></p>
                    ${before === undefined ? "" : html`<pre class="code">− ${renderJson(before, 2)}</pre>`}
                    ${after === undefined ? "" : html`<pre class="code">+ ${renderJson(after, 2)}</pre>`}
                  </div>
                </li>`,
            )}
          </ul>`
    }
    ${losesAccess.length === 0 ? "" : html`<p class="note problem"><strong>These lose access:</strong> ${renderList(losesAccess)}</p>`}`;
}

function renderList(texts: readonly string[]): Html[] {
  return texts.map((text, index) => html`${index === 0 ? "" : ", "}${renderExact(text)}`);
}

function renderForm({ digest, toolTitle }: PageApproval, { csrf, path }: { readonly csrf: string; readonly path: string }): Html {
  return html`<form method="post" action="${path}">
    ${hidden({ csrf, digest })}
    <label for="reason">Reason (optional; the agent is told)</label>
    <input id="reason" name="reason" type="text" maxlength="${MAX_REASON_CHARS}" autocomplete="off" />
    <p class="hint">
      You approve exactly these arguments and this plan, for one call. If anything changes before it, the agent has to ask again.
    </p>
    <div class="pair">
      <button class="button full" name="action" value="refuse">Refuse</button>
      <button class="button main full" name="action" value="approve" aria-label="Approve ${toolTitle}">Approve</button>
    </div>
  </form>`;
}
