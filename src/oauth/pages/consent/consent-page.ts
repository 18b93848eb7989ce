import { html } from "hono/html";
import { hidden, renderProblem, renderWho } from "../layout.ts";
import type { PageAccount, PageConsent, PageScope, PageWorkspace } from "../page-deps.ts";
import type { Html, PageContent } from "../visit.ts";
import { renderAsker } from "./asker.ts";
import { LIVES, type Ticks } from "./consent-choice.ts";

export interface ConsentPage {
  readonly issuerName: string;
  readonly account: PageAccount;
  readonly csrf: string;
  readonly view: PageConsent;
  /** Where the form goes, and fields it carries along. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Of a device, with its dash. */
  readonly userCode?: string | undefined;
  /** Of this page, for after signing in as somebody else. */
  readonly returnTo: string;
}

export interface ConsentState {
  readonly workspace: PageWorkspace;
  readonly ticks: Ticks;
  readonly problem?: string | undefined;
}

const LEAD = "It will act as you. You choose what it may do, and can take it back at any time.";

export function renderConsent(page: ConsentPage, { workspace, ticks, problem }: ConsentState): PageContent {
  const { view, account, csrf, fields } = page;
  const isEmpty = !workspace.scopes.some(({ state }) => state !== "beyond_role");
  const body = html`<h1>Allow access to ${page.issuerName}?</h1>
    <p class="lead">${LEAD}</p>
    ${renderProblem(problem)} ${renderAsker(view, page.userCode)}
    <dl class="facts">
      <dt>Acts as</dt>
      <dd>${account.email}</dd>
      <dt>Workspace</dt>
      <dd>${workspace.name} <span class="tag plain">your role: ${workspace.role}</span></dd>
      ${
        view.redirectHost === null
          ? ""
          : html`<dt>Answer goes to</dt>
              <dd><code>${view.redirectHost}</code></dd>`
      }
    </dl>
    <form method="post" action="${page.action}">
      ${hidden({ csrf, workspace: workspace.id, ...fields })} ${renderScopes(workspace, ticks)}
      ${isEmpty ? "" : renderLimits(workspace, ticks)}
      <div class="pair">
        <button class="button" name="decision" value="refuse">Refuse</button>${
          isEmpty ? "" : html`<button class="button main" name="decision" value="allow">Allow what is ticked</button>`
        }
      </div>
    </form>
    ${view.workspaces.length > 1 ? renderElsewhere(page) : ""} ${renderWho(account, page)}`;
  return {
    title: problem === undefined ? "Allow access?" : "Problem: allow access?",
    body,
    width: "wide",
    ...(problem === undefined ? {} : { status: 422 }),
  };
}

function renderElsewhere({ action, csrf, fields, userCode }: ConsentPage): Html {
  if (userCode === undefined) return html`<p class="small"><a href="${action}">Choose another workspace</a></p>`;
  return html`<form method="post" action="${action}">
    ${hidden({ csrf, ...fields })}<button class="link small">Choose another workspace</button>
  </form>`;
}

function renderScopes({ scopes, role }: PageWorkspace, ticks: Ticks): Html {
  if (scopes.length === 0) return html`<p class="note warn">It asked for nothing that this server lets it have.</p>`;
  return html`<fieldset>
    <legend>It asks to</legend>
    <p class="hint">What makes changes is off until you tick it.</p>
    <div class="rows">
      ${scopes.map((scope, i) => renderScope(scope, { role, id: `scope-${i}`, isTicked: ticks.scopes.has(scope.name) }))}
    </div>
  </fieldset>`;
}

interface ScopeBox {
  readonly id: string;
  readonly role: string;
  readonly isTicked: boolean;
}

/** The sentence names the box; the rest describes it, so that a screen reader says first what is decided. */
function renderScope(scope: PageScope, { id, role, isTicked }: ScopeBox): Html {
  const isOff = scope.state === "beyond_role";
  const isWrite = scope.access === "write";
  return html`<label class="choice${isWrite ? " write-scope" : ""}${isOff ? " off" : ""}">
    <input
      type="checkbox"
      name="scope"
      value="${scope.name}"
      aria-labelledby="${id}"
      aria-describedby="${id}-more"
      ${isTicked && !isOff ? html` checked` : ""}${isOff ? html` disabled` : ""}
    />
    <span
      ><span class="name" id="${id}">${scope.sentence}</span>
      <span id="${id}-more"
        >${isWrite ? html`<span class="tag write">makes changes</span> ` : ""}${scope.state === "granted" ? html`<span class="tag given">✓ allowed before</span>` : ""}
        ${scope.state === "widened" ? html`<span class="tag write">opens more than when you allowed it</span> <span class="detail"><strong>Since then:</strong> ${describeSince(scope.since)}</span>` : ""}
        ${isOff ? html`<span class="detail"><strong>Not possible:</strong> your role here (${role}) does not include it.</span>` : ""}
        ${isWrite ? html`<span class="detail not-now"><strong>Left out</strong> while “Read only” is on; what it includes for looking stays.</span>` : ""}
        <span class="detail"><code>${scope.name}</code> · ${describeTools(scope.tools)}</span></span
      ></span
    ></label
  >`;
}

const MANY_TOOLS = 8;

function describeSince(since: readonly string[]): string {
  const rest = since.length - MANY_TOOLS;
  return `${since.slice(0, MANY_TOOLS).join(" ")}${rest > 0 ? ` And ${rest} more.` : ""}`;
}

function describeTools(tools: readonly string[]): string {
  if (tools.length === 0) return "no tool uses it by itself";
  const shown = tools.slice(0, MANY_TOOLS).join(", ");
  const rest = tools.length - MANY_TOOLS;
  return `${tools.length === 1 ? "1 tool" : `${tools.length} tools`}: ${shown}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function renderLimits({ environments }: PageWorkspace, ticks: Ticks): Html {
  const on = (isOn: boolean) => (isOn ? html` checked` : "");
  return html`<fieldset class="compact">
      <legend>How far it goes</legend>
      <label class="choice"
        ><input
          type="checkbox"
          id="read-only"
          name="read_only"
          value="on"
          aria-labelledby="read-only-name"
          aria-describedby="read-only-more"
          ${on(ticks.isReadOnly)}
        />
        <span
          ><span class="name" id="read-only-name">Read only</span
          ><span class="detail" id="read-only-more">It may look but change nothing, whatever is ticked above.</span></span
        ></label
      >
    </fieldset>
    ${
      environments.length === 0
        ? ""
        : html`<fieldset class="compact">
            <legend>Environments</legend>
            <label class="choice"
              ><input type="radio" id="environments-all" name="environments" value="all" ${on(!ticks.isLimited)} /><span
                >All, also those made later</span
              ></label
            >
            <label class="choice"
              ><input type="radio" name="environments" value="some" ${on(ticks.isLimited)} /><span>Only some</span></label
            >
            <div class="within some-environments" role="group" aria-label="Environments it is limited to">
              ${environments.map(
                ({ id, name }) =>
                  html`<label class="choice"
                    ><input type="checkbox" name="environment" value="${id}" ${on(ticks.environments.has(id))} /><span>${name}</span></label
                  >`,
              )}
            </div>
          </fieldset>`
    }
    <fieldset class="compact">
      <legend>How long it lasts</legend>
      <div class="lives">
        ${LIVES.map(
          ({ value, label }) =>
            html`<label class="choice"
              ><input type="radio" name="life" value="${value}" ${on(ticks.life === value)} /><span>${label}</span></label
            >`,
        )}
      </div>
    </fieldset>`;
}

/** The first step for people with several workspaces, and the end for those with none. */
export function renderWorkspaces(page: ConsentPage): PageContent {
  const { view, csrf, fields, userCode, action } = page;
  // A device's code stays out of addresses, so that its form is a post; the other's address is all it needs.
  const isPost = userCode !== undefined;
  const body = html`<h1>${view.workspaces.length === 0 ? "There is nothing to share" : "Choose a workspace"}</h1>
    <p class="lead">
      ${view.workspaces.length === 0 ? "You are in no workspace that this agent could work in." : "It gets access to one workspace only."}
    </p>
    ${renderAsker(view, userCode)}
    ${
      view.workspaces.length === 0
        ? html`<p><strong>What to do.</strong> Ask an owner of the workspace to add you, or sign in with another account.</p>`
        : html`<form method="${isPost ? "post" : "get"}" action="${action}">
            ${isPost ? hidden({ csrf, ...fields }) : ""}
            <ul class="items">
              ${view.workspaces.map(
                ({ id, name, role }) =>
                  html`<li>
                    <div>
                      <h3>${name}</h3>
                      <p class="small">your role: ${role}</p>
                    </div>
                    <button class="button slim" name="workspace" value="${id}" aria-label="Choose ${name}">Choose</button>
                  </li>`,
              )}
            </ul>
          </form>`
    }
    <form method="post" action="${action}">
      ${hidden({ csrf, ...fields })}
      <div class="pair"><button class="button" name="decision" value="refuse">Refuse</button></div>
    </form>
    ${renderWho(page.account, page)}`;
  return { title: view.workspaces.length === 0 ? "Nothing to share" : "Choose a workspace", body, width: "wide" };
}
