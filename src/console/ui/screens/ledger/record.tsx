import type { DecisionExplanation } from "../../../../tool/index.ts";
import { useQuery } from "../../data/index.ts";
import { Badge, CodeBlock, CopyButton, count, Dialog, Empty, Json, Loaded } from "../../kit/index.ts";
import type { LedgerDetail } from "../../../contract-evidence.ts";

/** One record beside the list: why it was decided so, what was written, and the proof that it is in the chain. */
export function RecordDialog({ seq, onClose }: { readonly seq: string; readonly onClose: () => void }) {
  const query = useQuery<LedgerDetail>(`ledger/${encodeURIComponent(seq)}`);
  return (
    <Dialog title={`Record ${seq}`} onClose={onClose} side>
      <Loaded query={query}>
        {({ record, trace, proof }) => (
          <>
            <h3>Decision</h3>
            {trace === null ? <Empty title="This record is not of a call, so nothing was decided" /> : <Trace trace={trace} />}
            <h3>As it was written</h3>
            <Json value={record} label="Record" />
            <h3>Proof</h3>
            <Proof signed={proof.signed} />
            <CodeBlock label="Proof" text={JSON.stringify({ seq: record.seq, ...proof }, null, 2)} />
            <div class="row">
              <CopyButton text={() => location.href} label="Copy link" what="Link" />
            </div>
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

function Proof({ signed }: { readonly signed: LedgerDetail["proof"]["signed"] }) {
  if (signed === null) return <p class="muted">No checkpoint covers this record yet; one is signed each minute.</p>;
  if (signed.note === null)
    return (
      <p>
        <Badge tone="error" icon="warning">
          not proven
        </Badge>{" "}
        The records before the newest checkpoint no longer give the root that it signs. Verify the ledger: it says which was changed.
      </p>
    );
  return (
    <p class="muted">
      It is one of the {count(signed.size)} records under a signed root. The hashes below lead from its leaf to that root, and the note is
      signed with the key that <code>remit audit key</code> prints.
    </p>
  );
}

const TONES = { pass: ["allow", "check"], fail: ["deny", "lock"], ask: ["accent", "clock"] } as const;

function Trace({ trace }: { readonly trace: DecisionExplanation }) {
  return (
    <>
      <p>
        {trace.allowed ? "Allowed" : "Refused"} by <code class="wrap">{trace.rule}</code>
        {trace.outcome !== undefined && `; it ended as ${trace.outcome}`}
        {trace.reason !== undefined && ` (${trace.reason})`}.
        {trace.now !== undefined &&
          trace.now.allowed !== trace.allowed &&
          ` Now it would be ${trace.now.allowed ? "allowed" : "refused"} by ${trace.now.rule}.`}
      </p>
      <ol class="trace">
        {trace.checks.map(({ check, outcome, needs, has, change }, at) => (
          <li key={at}>
            <div class="row">
              <Badge tone={TONES[outcome][0]} icon={TONES[outcome][1]}>
                {outcome}
              </Badge>
              <strong>{check.replaceAll("_", " ")}</strong>
            </div>
            <dl class="compare">
              <dt>needs</dt>
              <dd class="wrap">{needs}</dd>
              <dt>has</dt>
              <dd class="wrap">{has}</dd>
              {change !== undefined && (
                <>
                  <dt>to change it</dt>
                  <dd class="wrap">{change}</dd>
                </>
              )}
            </dl>
          </li>
        ))}
      </ol>
    </>
  );
}
