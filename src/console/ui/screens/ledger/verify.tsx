import { useState } from "preact/hooks";
import { queryOf, readLines } from "../../data/index.ts";
import { Badge, Button, count } from "../../kit/index.ts";
import type { VerifyLine } from "../../../contract-evidence.ts";

/** Recomputes the chain from its first record while somebody watches; and takes home what is searched for. */
export function Verify({ search }: { readonly search: string }) {
  const [line, setLine] = useState<VerifyLine>();
  const verify = async (): Promise<void> => {
    setLine({ checked: 0, of: 0 });
    try {
      const { signal } = new AbortController();
      for await (const each of readLines<VerifyLine>("ledger/verify", { body: {}, signal })) setLine(each);
    } catch (error) {
      setLine(undefined);
      throw error;
    }
  };
  return (
    <section class="panel verify row between" aria-label="Integrity">
      <div role="status" class="row">
        <Result line={line} />
      </div>
      <div class="row">
        <Button icon="shield" onClick={verify}>
          Verify now
        </Button>
        <a class="button quiet" href={`/console/api/ledger/export${queryOf({ q: search })}`} download>
          Export{search === "" ? "" : " what is found"}
        </a>
      </div>
    </section>
  );
}

function Result({ line }: { readonly line: VerifyLine | undefined }) {
  if (line === undefined)
    return <span class="muted">Each record holds the hash of the one before. Verify that none was changed or taken out.</span>;
  if ("checked" in line)
    return (
      <>
        <progress value={line.checked} max={Math.max(1, line.of)} aria-label="Verification" />
        <span>
          {count(line.checked)} of {count(line.of)} records
        </span>
      </>
    );
  if (line.ok)
    return (
      <>
        <Badge tone="allow" icon="check">
          intact
        </Badge>
        <span>
          All {count(line.records)} records are as they were written; the first {count(line.signed)} are under a good signature.
        </span>
      </>
    );
  return (
    <>
      <Badge tone="error" icon="warning">
        broken
      </Badge>
      <span>{line.problems.join(" ")}</span>
    </>
  );
}
