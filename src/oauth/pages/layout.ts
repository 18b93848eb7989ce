import { html, raw } from "hono/html";
import { ICON_URL, SCRIPT_URL, STYLE_URL } from "./assets/index.ts";
import type { Html, PageContent } from "./visit.ts";

// No tagged template: a bundler takes one that holds the end of a script apart, with the help of a package of its own.
const SCRIPT = raw(`<script src="${SCRIPT_URL}" defer></script>`);

/** The whole document around a page's content. */
export function renderLayout(issuerName: string, { title, body, hasScript, width, refreshTo }: PageContent): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        ${refreshTo === undefined ? "" : html`<meta http-equiv="refresh" content="0;url=${refreshTo}" />`}
        <title>${title} · ${issuerName}</title>
        <link rel="icon" href="${ICON_URL}" />
        <link rel="stylesheet" href="${STYLE_URL}" />
        ${hasScript === true ? SCRIPT : ""}
      </head>
      <body>
        <header class="brand"><span class="mark" aria-hidden="true"></span>${issuerName}</header>
        <main class="${width === "wide" ? "card wide" : "card"}">${body}</main>
      </body>
    </html>`;
  if (page instanceof Promise) throw new Error("Pages are rendered from what is there already.");
  return page.toString();
}

/** What went wrong with the form, read out and focused when the page opens. */
export function renderProblem(problem: string | undefined): Html | "" {
  if (problem === undefined) return "";
  return html`<div class="note problem" role="alert" tabindex="-1" autofocus><strong>That did not work.</strong> ${problem}</div>`;
}

export function hidden(fields: Readonly<Record<string, string>>): Html[] {
  return Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
}

/** Who is signed in, and the way out for everybody else. */
export function renderWho(
  account: { readonly email: string },
  { csrf, returnTo }: { readonly csrf: string; readonly returnTo: string },
): Html {
  return html`<form class="who" method="post" action="/sign-out">
    ${hidden({ csrf, return_to: returnTo })} <span>Signed in as <strong>${account.email}</strong>.</span>
    <button class="link">Not you? Sign out</button>
  </form>`;
}

/** An instant as people read it; the same everywhere, so that it can be compared with logs. */
export function renderTime(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${TIME.format(at)} UTC</time>`;
}

const TIME = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});
