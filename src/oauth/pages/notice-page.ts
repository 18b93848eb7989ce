import { html } from "hono/html";
import { renderLayout } from "./layout.ts";
import { PAGE_HEADERS } from "./security-headers.ts";
import type { PageContent } from "./visit.ts";

export interface Notice {
  readonly status: number;
  readonly title: string;
  /** What happened, in a sentence or two. */
  readonly message: string;
  /** What to do about it. */
  readonly next: string;
  /** Under which an operator finds it in the log. */
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page that says what went wrong. */
export function renderNotice({ status, title, message, next, id, headers }: Notice): PageContent {
  const body = html`<h1>${title}</h1>
    <p>${message}</p>
    <p><strong>What to do.</strong> ${next}</p>
    ${id === undefined ? "" : html`<p class="small">If you ask for help, give this id: <code>${id}</code></p>`}`;
  return { title, body, status, ...(headers === undefined ? {} : { headers }) };
}

/** The page for an authorization request that cannot be answered to the client, because it is not known where that would be (RFC 6749 §4.1.2.1). */
export function problemPage(
  issuerName: string,
  problem: { readonly error: string; readonly error_description: string; readonly link?: string | undefined },
): {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const body = html`<h1>This request cannot be used</h1>
    <p>The application that sent you here asked in a way that this server does not accept. Nothing was shared.</p>
    <p>
      <strong>What to do.</strong> Go back to the application and connect again. If this comes up again, tell the people who make it what it
      says below.
    </p>
    <dl class="facts">
      <dt>Code</dt>
      <dd><code>${problem.error}</code></dd>
      <dt>Detail</dt>
      <dd>${problem.error_description}</dd>
    </dl>
    ${problem.link === undefined ? "" : html`<p><a href="${problem.link}">What went wrong, step by step, and what helps</a></p>`}`;
  return { html: renderLayout(issuerName, { title: "This request cannot be used", body }), headers: PAGE_HEADERS };
}

/** A page that says that something is done. */
export function renderDone(title: string, message: string): PageContent {
  return {
    title,
    body: html`<div class="tick" aria-hidden="true"></div>
      <h1>${title}</h1>
      <p>${message}</p>
      <p><a href="/account">See all connected agents</a></p>`,
  };
}

// A page never sends anybody to an address that runs as script or shows what its sender chose.
const NO_DESTINATION = /^(javascript|data|vbscript|blob|file|filesystem|about|view-source):/i;

/**
 * Sends the person on to another address. It is a page with a link that opens by itself and not a redirect: browsers hold every redirect after
 * a post to the `form-action` of the page, those of the application that people come back to among them.
 */
export function renderHandOver(location: string, url: string): PageContent {
  const target = URL.parse(location, url);
  if (target === null || NO_DESTINATION.test(target.href)) throw new Error("Nobody is sent on to an address of this kind.");
  const body = html`<h1>Taking you back…</h1>
    <p>If nothing happens, <a href="${target.href}">continue</a>. You can close this window when the application has opened.</p>`;
  return { title: "Taking you back", body, refreshTo: target.href };
}
