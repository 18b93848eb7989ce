/** Bodies of records of calls as a busy workspace makes them: 40 agents for 60 people, 60 tools, some refused, few slow. The same in each run. */
export function createCalls(workspaceId: string): (seq: number, at: number) => string {
  let state = 1;
  /** A number from 0 up to, but not including, 1. */
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  /** The first are taken more often than the last. */
  const pick = (many: number) => Math.floor(random() ** 2 * many);
  return (seq, at) => {
    const agent = pick(40);
    const isRefused = random() < 0.03;
    const end = isRefused ? '"outcome":"refused","reason":"insufficient_scope"' : `"outcome":"${random() < 0.02 ? "tool_error" : "ok"}"`;
    // Most calls are quick, few take long.
    const durationMs = (0.3 + 4 * -Math.log(1 - random()) * (1 + pick(30))).toFixed(3);
    const result = isRefused ? "" : `,"result_bytes":${200 + pick(40_000)}`;
    return (
      `{"v":1,"kind":"call","at":${at},"decision":"dec_${seq}","allowed":${!isRefused},"rule":"all_scopes_held","method":"tools/call",` +
      `"tool":"tool_${pick(60)}","agent":"cl_${agent}","subject":"acc_${(agent + pick(3)) % 60}","grant":"gra_${agent}","workspace":"${workspaceId}",` +
      `"arguments":{"environment_id":"env_${pick(3)}"},"protocol":"2026-07-28","client":"client-${agent % 5}/1.${agent % 3}",${end},"duration_ms":${durationMs}${result}}`
    );
  };
}
