import { createFollower, type FollowerOptions } from "../follow/index.ts";
import { createFailures, type Failures, type FailuresDeps } from "./failures.ts";

/** The failures of a server: counted from its ledger as it grows, and from what was on record before. What is asked for is up to date. */
export async function openFailures(
  deps: FailuresDeps & Pick<FollowerOptions, "ledger" | "records" | "log">,
): Promise<Pick<Failures, "list" | "caseOf" | "close">> {
  const failures = createFailures(deps);
  const { through, take } = failures;
  const follower = await createFollower({ ...deps, name: "failures", through, take });
  return {
    async list(workspaceId, query) {
      await follower.settled();
      return failures.list(workspaceId, query);
    },
    caseOf: failures.caseOf,
    async close() {
      await follower.close();
      // Only how far the count has come is lost then: the records are counted again.
      await failures.close().catch((err: unknown) => deps.log.error({ err }, "how far failures are counted could not be stored"));
    },
  };
}
