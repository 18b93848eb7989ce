import { renderNotice } from "../notice-page.ts";
import type { PagePending } from "../page-deps.ts";
import type { Answer, SignedInVisit } from "../visit.ts";
import { conclude, decide, showConsent, type Asked } from "./decide.ts";

const OVER = {
  status: 410,
  title: "This request is over",
  message: "It was decided already, has expired, or began in another browser. Nothing was shared.",
  next: "Go back to the application that asked and connect again.",
};

/** GET /interaction/<id>. */
export async function showInteraction(visit: SignedInVisit): Promise<Answer> {
  const pending = await findPending(visit);
  if (pending === undefined) return renderNotice(OVER);
  const known = await visit.deps.authorizations.approveKnown(visit.req, pending, visit.session);
  if (known !== undefined) return conclude(visit, known, "allowed");
  const asked = await describe(visit, pending);
  return asked === undefined ? renderNotice(OVER) : showConsent(asked, visit.query.get("workspace"));
}

/** POST /interaction/<id>. */
export async function decideInteraction(visit: SignedInVisit): Promise<Answer> {
  const pending = await findPending(visit);
  const asked = pending === undefined ? undefined : await describe(visit, pending);
  return asked === undefined ? renderNotice(OVER) : decide(visit, asked);
}

function findPending({ path, req, deps }: SignedInVisit): Promise<PagePending | undefined> {
  return deps.authorizations.pending(req, path.slice("/interaction/".length));
}

async function describe({ deps, session, path }: SignedInVisit, pending: PagePending): Promise<Asked | undefined> {
  const account = await deps.people.findAccount(session.accountId);
  if (account === undefined) return undefined;
  const view = await deps.authorizations.view(pending, session.accountId);
  return { pending, page: { issuerName: deps.issuerName, account, csrf: session.csrf, view, action: path, fields: {}, returnTo: path } };
}
