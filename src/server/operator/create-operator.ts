import { createUsageActs } from "../../audit/index.ts";
import { createExplainActs, createFailureActs, createKillActs, createPolicyActs } from "../../call/index.ts";
import type { Operator, OperatorDeps } from "./operator.ts";
import { agentActs } from "./agent-acts.ts";
import { tokenActs } from "./token-acts.ts";
import { peopleActs } from "./people-acts.ts";
import { serverActs } from "./server-acts.ts";
import { chooseWorkspace } from "./problems.ts";

export function createOperator(deps: OperatorDeps): Operator {
  const choose = (given: string | undefined) => chooseWorkspace(deps.store, given);
  const policyActs = createPolicyActs({ ...deps, chooseWorkspace: choose });
  const refreshTokens = () => deps.verifier.refresh();
  const explainActs = createExplainActs({ ...deps.explaining, record: deps.record, refreshTokens, chooseWorkspace: choose });
  return {
    ...createFailureActs(deps.failing),
    ...explainActs,
    ...agentActs(deps),
    ...tokenActs(deps),
    ...peopleActs(deps),
    ...serverActs(deps),
    ...policyActs,
    ...createKillActs({ ...deps, chooseWorkspace: choose }),
    ...createUsageActs({ ...deps, chooseWorkspace: choose }),
  };
}
