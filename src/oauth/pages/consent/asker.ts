import { html } from "hono/html";
import type { PageConsent } from "../page-deps.ts";
import { showUntrusted } from "../untrusted-text.ts";
import type { Html } from "../visit.ts";

/**
 * Who asks. Its address is what it cannot choose freely, so that stands first and large; its name is its own claim and shown as one. Its logo
 * is not shown: a picture is the cheapest way to look like somebody else.
 */
export function renderAsker(view: PageConsent, userCode: string | undefined): Html {
  const name = showUntrusted(view.clientName);
  return html`<section class="asker" aria-label="Who is asking">
      <strong class="host">${headline(view)}</strong>
      <p>calls itself “<bdi>${name.text}</bdi>”</p>
      <p class="small">${standing(view)}</p>
      ${userCode === undefined ? "" : html`<p>Code on the device: <span class="shown-code">${userCode}</span></p>`}
    </section>
    ${warnings(view, name.warning, userCode).map((warning) => html`<p class="note warn"><strong>Take care.</strong> ${warning}</p>`)}`;
}

function headline({ askingHost, isLoopbackOnly, clientKind, redirectHost }: PageConsent): string {
  if (clientKind === "document") return askingHost;
  if (isLoopbackOnly) return "A program on this computer";
  return redirectHost === null ? "A device" : askingHost;
}

function standing({ clientKind, clientId }: PageConsent): Html {
  if (clientKind === "operator") return html`An operator of this server added it. Id: <code>${clientId}</code>`;
  if (clientKind === "document") return html`Described by its owner at <code>${clientId}</code>`;
  return html`It registered itself; nobody checked it. Id: <code>${clientId}</code>`;
}

function warnings(view: PageConsent, nameWarning: string | undefined, userCode: string | undefined): string[] {
  const found: string[] = [];
  if (userCode !== undefined)
    found.push(
      "Allow this only if you hold the device yourself and it shows this code. If somebody sent you the code, they would get this access.",
    );
  if (view.isLoopbackOnly)
    found.push(
      "The answer goes to a program on this computer. Any program here can claim any name, so allow it only if you just started this yourself.",
    );
  if (view.clientKind === "registered")
    found.push("Anybody can register an application under any name. Go by where you came from, not by what it calls itself.");
  if (nameWarning !== undefined) found.push(nameWarning);
  return found;
}
