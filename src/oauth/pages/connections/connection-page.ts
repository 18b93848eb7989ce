import { html } from "hono/html";
import { renderExact } from "../exact-text.ts";
import { renderNotice } from "../notice-page.ts";
import type { PageTimeline } from "../page-deps.ts";
import type { Answer, Html, Visit } from "../visit.ts";

/** GET /connections/TOKEN: how the connection of a client went, for the person in front of it. */
export async function showConnection({ deps, path }: Visit): Promise<Answer> {
  const timeline = await deps.timelines?.findByToken(path.slice(path.lastIndexOf("/") + 1));
  if (timeline === undefined) {
    return renderNotice({
      status: 404,
      title: "There is no such connection",
      message: "The link is not complete, or it is older than two weeks.",
      next: "Connect again in the application, and ask for a new link.",
    });
  }
  const { client, finding, steps } = timeline;
  const body = html`<h1>${TITLES[finding.state]}</h1>
    <p class="lead">${renderExact(client)}</p>
    <p>${renderExact(finding.says)}</p>
    ${finding.remedy === "" ? "" : html`<p><strong>What to do.</strong> ${renderExact(finding.remedy)}</p>`}
    ${
      finding.quirk === null
        ? ""
        : html`<p>${renderExact(finding.quirk.says)} <strong>With this client:</strong> ${renderExact(finding.quirk.remedy)}</p>`
    }
    <ol class="facts">
      ${steps.map(renderStep)}
    </ol>
    <p class="small">Times are UTC. Reload the page to see what came since. It shows no secret.</p>`;
  return { title: TITLES[finding.state], body };
}

const TITLES = { connected: "Connected", stopped: "The connection stopped", under_way: "The connection is under way" } as const;

const STEP_NAMES: Readonly<Record<string, string>> = {
  challenge: "It was told where to sign in",
  metadata: "It read the metadata",
  registration: "It registered itself",
  authorize: "It asked to be let in",
  sign_in: "A person signed in",
  consent: "A person decided",
  token: "It asked for a token",
  first_request: "It used the token",
};

const OUTCOMES: Readonly<Record<string, string>> = { passed: "done", waiting: "waiting", failed: "failed" };

function renderStep({ step, outcome, at, times }: PageTimeline["steps"][number]): Html {
  const when = new Date(at).toISOString().slice(11, 19);
  const again = times > 1 ? `, ${times} times` : "";
  return html`<li>
    ${STEP_NAMES[step] ?? step}: <strong>${OUTCOMES[outcome] ?? outcome}</strong> <span class="small">${when}${again}</span>
  </li>`;
}
