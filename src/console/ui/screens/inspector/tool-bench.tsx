import { useMemo, useState } from "preact/hooks";
import { useMay } from "../../data/index.ts";
import { checkValue, startArguments } from "../../form/index.ts";
import { Button, Confirm } from "../../kit/index.ts";
import type { Identity, SurfaceTool } from "../../../contract.ts";
import { ArgumentsEditor } from "./arguments-editor.tsx";
import { CopyAs } from "./copy-as-menu.tsx";
import { EraChoice, useEra } from "./era-choice.tsx";
import { Outcome } from "./outcome/index.ts";
import { SavedCalls } from "./saved-calls.tsx";
import { ToolHead } from "./tool-head.tsx";
import { useCall } from "./use-call.ts";

interface ToolBenchProps {
  readonly tool: SurfaceTool;
  readonly mcpUrl: string;
  readonly identity: Identity;
  readonly scope: string;
}

/** One tool: what it says of itself, its arguments, and what came of calling it. */
export function ToolBench({ tool, mcpUrl, identity, scope }: ToolBenchProps) {
  const [value, setValue] = useState<unknown>(() => startArguments(tool.inputSchema));
  const [era, setEra] = useEra();
  const [isAsking, setIsAsking] = useState(false);
  const mayCall = useMay("operator");
  const problems = useMemo(() => checkValue(tool.inputSchema, value), [tool, value]);
  const call = useCall({ as: identity.id, scope, tool: tool.name, arguments: value, era });
  const isRisky = tool.annotations["destructiveHint"] === true && tool.annotations["readOnlyHint"] !== true;
  const run = (): void => (isRisky ? setIsAsking(true) : call.run());
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.shiftKey) call.explain();
    else if (mayCall) run();
  };
  return (
    <>
      <section class="request panel" aria-label="Request" onKeyDown={onKeyDown}>
        <ToolHead tool={tool} onExample={setValue} />
        <ArgumentsEditor schema={tool.inputSchema} value={value} problems={problems} onChange={setValue} />
        <div class="request-foot row">
          <Button kind="primary" icon="play" disabled={!mayCall || call.isRunning} onClick={run}>
            Call tool
          </Button>
          <Button icon="search" onClick={call.explain}>
            Explain
          </Button>
          <EraChoice era={era} onEra={setEra} />
          <CopyAs call={{ mcpUrl, era, tool: tool.name, arguments: value }} />
          {!mayCall && <span class="muted small">A viewer explains; an operator calls.</span>}
        </div>
        <SavedCalls tool={tool.name} value={value} era={era} onLoad={setValue} />
      </section>
      <Outcome call={call} tool={tool} />
      {isAsking && (
        <Confirm title={`Call ${tool.name}?`} verb="Call tool" isDangerous onConfirm={() => call.run()} onClose={() => setIsAsking(false)}>
          <p>This tool says that it can destroy. It runs for real, as {identity.label}, and is on record as called from the console.</p>
        </Confirm>
      )}
    </>
  );
}
