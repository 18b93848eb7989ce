import { renderDone, renderHandOver, renderNotice } from "../notice-page.ts";
import type { PageConsent, PageDecided, PagePending, PageWorkspace } from "../page-deps.ts";
import type { Answer, SignedInVisit } from "../visit.ts";
import { parseChoice, parseTicks, suggestTicks } from "./consent-choice.ts";
import { renderConsent, renderWorkspaces, type ConsentPage } from "./consent-page.ts";

export interface Asked {
  readonly pending: PagePending;
  readonly page: ConsentPage;
}

/** The consent page of the workspace that was chosen, or the choice among several. */
export function showConsent({ page }: Asked, workspaceId: string | null): Answer {
  const workspace = chosenWorkspace(page.view, workspaceId);
  return workspace === undefined ? renderWorkspaces(page) : renderConsent(page, { workspace, ticks: suggestTicks(workspace) });
}

function chosenWorkspace({ workspaces }: PageConsent, id: string | null): PageWorkspace | undefined {
  return workspaces.length === 1 ? workspaces[0] : workspaces.find((workspace) => workspace.id === id);
}

/** Passes the decision on. Only the button with this name allows; a form sent in any other way shows the page again. */
export async function decide(visit: SignedInVisit, { pending, page }: Asked): Promise<Answer> {
  const { session, req, deps } = visit;
  const form = visit.form ?? new URLSearchParams();
  const decision = form.get("decision");
  const workspaceId = form.get("workspace");
  if (decision === "refuse") return conclude(visit, await deps.authorizations.deny(req, pending, session), "refused");
  const workspace = chosenWorkspace(page.view, workspaceId);
  if (decision !== "allow" || workspace === undefined) return showConsent({ pending, page }, workspaceId);
  const choice = parseChoice(form, page.view.workspaces);
  const result = "problem" in choice ? choice : await deps.authorizations.approve(req, pending, { session, choice });
  if ("problem" in result) return renderConsent(page, { workspace, ticks: parseTicks(form), problem: result.problem });
  return conclude(visit, result, "allowed");
}

/** What follows a decision: back to who asked, or for a device the end. */
export function conclude({ deps }: SignedInVisit, result: PageDecided, outcome: "allowed" | "refused"): Answer {
  if ("location" in result) return renderHandOver(result.location, deps.url);
  if ("problem" in result)
    return renderNotice({
      status: 410,
      title: "This could not be done",
      message: result.problem,
      next: "Start again from the application that asked.",
    });
  return outcome === "allowed"
    ? renderDone("The device is connected", "It goes on by itself in a moment. You can close this window.")
    : renderDone("The device was refused", "It gets no access. You can close this window.");
}
