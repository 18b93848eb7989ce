import { html } from "hono/html";
import { isLoopbackHost } from "../../config.ts";
import { hidden, renderProblem, renderTime } from "./layout.ts";
import type { PageConnection, PagePasskey } from "./page-deps.ts";
import { HOME_PATH, signInPath } from "./return-to.ts";
import { parseCredential } from "./sign-in/index.ts";
import { showUntrusted } from "./untrusted-text.ts";
import { field, type Answer, type Html, type SignedInVisit } from "./visit.ts";

const MAX_NAME_CHARS = 60;

/** GET /account. */
export function showAccount(visit: SignedInVisit): Promise<Answer> {
  return renderAccount(visit);
}

/** POST /account: what one of its buttons does. */
export async function changeAccount(visit: SignedInVisit): Promise<Answer> {
  const { deps, session } = visit;
  switch (field(visit, "action")) {
    case "revoke":
      await deps.authorizations.revokeConnection(session.accountId, field(visit, "grant"));
      return { redirect: `${HOME_PATH}?done=revoked` };
    case "add_passkey":
      return addPasskey(visit);
    case "remove_passkey":
      await deps.people.passkeys.remove(session.accountId, field(visit, "passkey"));
      return { redirect: `${HOME_PATH}?done=passkey_removed` };
    case "sign_out_everywhere":
      return { redirect: "/sign-in", cookies: [await deps.people.signOutEverywhere(session)] };
    default:
      return renderAccount(visit, "Choose one of the actions of this page.");
  }
}

/** POST /account/passkey/options: what the browser needs to make a passkey. */
export async function newPasskeyOptions({ deps, session }: SignedInVisit): Promise<Answer> {
  return { json: await deps.people.passkeys.registerOptions(session) };
}

async function addPasskey(visit: SignedInVisit): Promise<Answer> {
  const response = parseCredential(field(visit, "response"));
  if (response === undefined) return renderAccount(visit, "The browser sent no passkey. Adding one needs JavaScript.");
  const name = field(visit, "name").trim().slice(0, MAX_NAME_CHARS) || "Passkey";
  const result = await visit.deps.people.passkeys.register(visit.session, response, name);
  if ("problem" in result) return renderAccount(visit, result.problem);
  return { redirect: `${HOME_PATH}?done=passkey_added` };
}

const DONE: Readonly<Record<string, string>> = {
  revoked: "The access was revoked. It stops working at once.",
  passkey_added: "The passkey was added.",
  passkey_removed: "The passkey was removed.",
};

async function renderAccount(visit: SignedInVisit, problem?: string): Promise<Answer> {
  const { deps, session, query } = visit;
  const [account, connections, passkeys] = await Promise.all([
    deps.people.findAccount(session.accountId),
    deps.authorizations.connections(session.accountId),
    deps.people.passkeys.list(session.accountId),
  ]);
  if (account === undefined) return { redirect: signInPath(HOME_PATH) };
  const done = visit.form === undefined ? DONE[query.get("done") ?? ""] : undefined;
  const { csrf } = session;
  const body = html`<h1>Your account</h1>
    <p class="lead">${account.name === "" ? "" : html`${account.name} · `}<strong>${account.email}</strong></p>
    ${renderProblem(problem)} ${done === undefined ? "" : html`<p class="note done" role="status">✓ ${done}</p>`}
    <h2>Connected agents</h2>
    <p class="hint">What may act as you, and what it may do.</p>
    ${connections.length === 0 ? html`<p class="empty">No agent has access. When one asks, you decide here first.</p>` : ""}
    <ul class="items" ${connections.length === 0 ? html` hidden` : ""}>
      ${connections.map((connection) => renderConnection(connection, csrf))}
    </ul>
    <h2>Passkeys</h2>
    <p class="hint">Sign in with your fingerprint, face or security key. With a passkey, a password alone is no longer enough.</p>
    ${
      passkeys.length === 0
        ? html`<p class="empty">No passkey yet.</p>`
        : html`<ul class="items">
            ${passkeys.map((passkey) => renderPasskey(passkey, csrf))}
          </ul>`
    }
    ${renderNewPasskey(csrf)}
    <h2>Sessions</h2>
    <div class="pair">
      <form method="post" action="/sign-out">${hidden({ csrf })}<button class="button full">Sign out</button></form>
      <form method="post" action="${HOME_PATH}">
        ${hidden({ csrf, action: "sign_out_everywhere" })}<button class="button full">Sign out everywhere</button>
      </form>
    </div>
    <p class="small">Signing out ends sessions in browsers. Agents keep what you allowed until you revoke it.</p>`;
  return {
    title: problem === undefined ? "Your account" : "Problem: your account",
    body,
    width: "wide",
    hasScript: true,
    ...(problem === undefined ? {} : { status: 422 }),
  };
}

/** Whose address it is, where that is known; names are the agent's own claim. */
function identityOf({ clientId, redirectHost }: PageConnection): string {
  const url = clientId.startsWith("https://") ? URL.parse(clientId) : null;
  if (url !== null) return url.host;
  if (redirectHost === null) return "A device";
  return isLoopbackHost(URL.parse(`http://${redirectHost}`)?.hostname ?? "") ? "A program on your computer" : redirectHost;
}

function renderConnection(connection: PageConnection, csrf: string): Html {
  const { grantId, clientName, workspaceName, scopes, environments, createdAt, usedAt, expiresAt } = connection;
  const identity = identityOf(connection);
  const count = environments?.length ?? 0;
  return html`<li>
    <div>
      <h3>${identity}</h3>
      <p>
        calls itself “<bdi>${showUntrusted(clientName).text}</bdi>” · in <strong>${workspaceName}</strong>${
          environments === null ? "" : html` · ${count === 1 ? "1 environment only" : `${count} environments only`}`
        }
      </p>
      <ul class="scopes" aria-label="What it may do">
        ${scopes.map((scope) => html`<li><code class="tag plain">${scope}</code></li>`)}
      </ul>
      <p class="small">
        Allowed ${renderTime(createdAt)} · ${usedAt === null ? "never used" : html`used ${renderTime(usedAt)}`} ·
        ${expiresAt === null ? "lasts until you revoke it" : html`ends ${renderTime(expiresAt)}`}
      </p>
    </div>
    ${renderConfirmed({
      label: "Revoke…",
      about: identity,
      explanation: "It stops working at once, wherever it runs.",
      button: "Revoke access",
      fields: { csrf, action: "revoke", grant: grantId },
    })}
  </li>`;
}

function renderPasskey({ id, name, createdAt, usedAt }: PagePasskey, csrf: string): Html {
  return html`<li>
    <div>
      <h3>${name}</h3>
      <p class="small">Added ${renderTime(createdAt)} · ${usedAt === null ? "never used" : html`used ${renderTime(usedAt)}`}</p>
    </div>
    ${renderConfirmed({
      label: "Remove…",
      about: name,
      explanation: "You can no longer sign in with it.",
      button: "Remove passkey",
      fields: { csrf, action: "remove_passkey", passkey: id },
    })}
  </li>`;
}

interface Confirmed {
  readonly label: string;
  readonly about: string;
  readonly explanation: string;
  readonly button: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A button that is shown only after another: what it does cannot be undone. */
function renderConfirmed({ label, about, explanation, button, fields }: Confirmed): Html {
  return html`<details class="ask">
    <summary class="button slim" aria-label="${label} ${about}">${label}</summary>
    <form method="post" action="${HOME_PATH}">
      ${hidden(fields)}
      <p>${explanation}</p>
      <div class="pair"><a class="button slim" href="${HOME_PATH}">Keep</a><button class="button slim danger">${button}</button></div>
    </form>
  </details>`;
}

function renderNewPasskey(csrf: string): Html {
  return html`<noscript><p class="small">Adding a passkey needs JavaScript, which is off in this browser.</p></noscript>
    <form method="post" action="${HOME_PATH}" data-passkey="create" data-options="/account/passkey/options" hidden>
      ${hidden({ csrf, action: "add_passkey" })}<input type="hidden" name="response" />
      <div class="inline">
        <div>
          <label for="passkey-name">Name of a new passkey</label>
          <input id="passkey-name" name="name" type="text" maxlength="${MAX_NAME_CHARS}" placeholder="My laptop" autocomplete="off" />
        </div>
        <button class="button">Add a passkey</button>
      </div>
      <p class="small" role="status"></p>
    </form>`;
}
