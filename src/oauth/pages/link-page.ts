import { html } from "hono/html";
import { renderExact, showExact, withoutHidden } from "./exact-text.ts";
import { hidden, renderProblem } from "./layout.ts";
import { renderNotice } from "./notice-page.ts";
import type { PageLink } from "./page-deps.ts";
import type { Answer, Html, PageContent, Visit } from "./visit.ts";

export const LINKS_PATH = "/links";
const MAX_FIELD_CHARS = 500;

/** GET /links/TOKEN: what the link does. Nothing is done by looking. */
export function showDeed(visit: Visit): Promise<Answer> {
  return renderLink(visit);
}

/** POST /links/TOKEN: does it. */
export async function confirmDeed(visit: Visit): Promise<Answer> {
  const { deps, form } = visit;
  const token = tokenOf(visit);
  const link = await deps.links?.find(token);
  if (link === undefined || link.state !== "open") return gone(link);
  const values = Object.fromEntries(
    link.fields.map(({ name, kind }) => [
      name,
      kind === "checkbox" ? String(form?.has(name) === true) : (form?.get(name) ?? "").slice(0, MAX_FIELD_CHARS),
    ]),
  );
  const outcome = await deps.links?.confirm(token, values);
  if (outcome === undefined) return gone(undefined);
  if ("problem" in outcome) return renderLink(visit, outcome.problem);
  return {
    title: "Done",
    body: html`<div class="tick" aria-hidden="true"></div>
      <h1>Done</h1>
      <p>${renderExact(outcome.done)}</p>`,
  };
}

function tokenOf({ path }: Visit): string {
  return path.slice(LINKS_PATH.length + 1);
}

async function renderLink(visit: Visit, problem?: string): Promise<Answer> {
  const link = await visit.deps.links?.find(tokenOf(visit));
  if (link === undefined || link.state !== "open") return gone(link);
  const { csrf, cookie } = visit.ties.create(visit.req);
  const body = html`<h1>${renderExact(link.title)}</h1>
    <p class="lead">${renderExact(link.text)}</p>
    ${renderProblem(problem)}
    <form method="post" action="${visit.path}">
      ${hidden({ csrf })} ${link.fields.map(renderField)}
      <button class="button main full submit">Confirm</button>
    </form>
    <p class="small">This link works once. If you did not expect it, close this window: nothing happens.</p>`;
  const status = problem === undefined ? {} : { status: 422 };
  return { title: showExact(link.title), body, ...(cookie === undefined ? {} : { cookies: [cookie] }), ...status };
}

function renderField({ name, label, kind, value }: PageLink["fields"][number]): Html {
  const id = `field-${name}`;
  if (kind === "checkbox") {
    return html`<label class="check" for="${id}"
      ><input id="${id}" name="${name}" type="checkbox" value="true" ${value === "true" ? html` checked` : ""} />
      ${renderExact(label)}</label
    >`;
  }
  return html`<label for="${id}">${renderExact(label)}</label
    ><input id="${id}" name="${name}" type="text" maxlength="${MAX_FIELD_CHARS}" value="${withoutHidden(value)}" autocomplete="off" />`;
}

/** A link that never was is told apart from a used one only to whoever has its token. */
function gone(link: PageLink | undefined): PageContent {
  const title =
    link?.state === "used" ? "This link was used already" : link === undefined ? "There is no such link" : "This link has expired";
  return renderNotice({
    status: link === undefined ? 404 : 410,
    title,
    message: "A link works once, and not for ever.",
    next: "Ask whoever sent it for a new one.",
  });
}
