import "./ledger.css";
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";
import { getJson, queryOf, useQuery, useQueryState, useStream } from "../../data/index.ts";
import { Badge, Button, DecisionBadge, duration, Empty, Loaded, Panel, Table, Time, type Column, type Outcome } from "../../kit/index.ts";
import type { LedgerPage, LedgerRecord } from "../../../contract-evidence.ts";
import { told } from "./told.ts";
import { RecordDialog } from "./record.tsx";
import { Verify } from "./verify.tsx";

const PAGE = 50;
const MOST_LIVE = 200;

export function Screen() {
  const { path, route } = useLocation();
  const [search, setSearch] = useQueryState("q");
  const [isLive, setLive] = useState(false);
  const seq = /^\/console\/ledger\/(\d+)/.exec(path)?.[1];
  const toList = (): void => route(`/console/ledger${location.search}`);
  const open = (record: LedgerRecord): void => route(`/console/ledger/${record.seq}${location.search}`);
  return (
    <>
      <Verify search={search} />
      <SearchRow search={search} onSearch={setSearch} isLive={isLive} onLive={setLive} />
      <Panel title={isLive ? "Records as they are written" : "Records"} flush>
        {isLive ? <Live key={search} search={search} onOpen={open} /> : <Pages key={search} search={search} onOpen={open} />}
      </Panel>
      {seq !== undefined && <RecordDialog seq={seq} onClose={toList} />}
    </>
  );
}

interface SearchRowProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly isLive: boolean;
  readonly onLive: (isLive: boolean) => void;
}

function SearchRow({ search, onSearch, isLive, onLive }: SearchRowProps) {
  const [text, setText] = useState(search);
  useEffect(() => setText(search), [search]);
  return (
    <form
      class="search-row"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text.trim());
      }}
    >
      <input
        type="search"
        data-search
        aria-label="Search the records"
        placeholder="tool:delete_organization outcome:refused since:2h"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" icon="search">
        Search
      </Button>
      <Button icon="pulse" pressed={isLive} onClick={() => onLive(!isLive)}>
        Live
      </Button>
    </form>
  );
}

interface ListProps {
  readonly search: string;
  readonly onOpen: (record: LedgerRecord) => void;
}

function Pages({ search, onOpen }: ListProps) {
  const query = useQuery<LedgerPage>(`ledger${queryOf({ q: search, limit: PAGE })}`);
  const [more, setMore] = useState<readonly LedgerPage[]>([]);
  return (
    <Loaded query={query}>
      {(first) => {
        const pages = [first, ...more];
        const next = pages.at(-1)?.next ?? null;
        const load = async (): Promise<void> => {
          const page = await getJson<LedgerPage>(`ledger${queryOf({ q: search, limit: PAGE, before: next ?? undefined })}`);
          setMore((now) => [...now, page]);
        };
        return (
          <>
            <Records
              records={pages.flatMap(({ records }) => records)}
              names={Object.assign({}, ...pages.map(({ names }) => names)) as Names}
              onOpen={onOpen}
              isSearch={search !== ""}
            />
            {next !== null && (
              <div class="panel-body">
                <Button onClick={load}>Show older records</Button>
              </div>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

/** The newest page, and above it what is written from then on. */
function Live({ search, onOpen }: ListProps) {
  const [written, setWritten] = useState<readonly LedgerRecord[]>([]);
  const { state, error } = useStream<LedgerRecord>(`ledger/tail${queryOf({ q: search })}`, (record) =>
    setWritten((now) => [record, ...now].slice(0, MOST_LIVE)),
  );
  // Read when the stream is open, so that nothing falls between the two.
  const page = useQuery<LedgerPage>(state === "live" ? `ledger${queryOf({ q: search, limit: PAGE })}` : null);
  const bySeq = new Map([...(page.data?.records ?? []), ...written].map((record) => [record.seq, record]));
  const records = [...bySeq.values()].toSorted((a, b) => b.seq - a.seq).slice(0, MOST_LIVE);
  return (
    <>
      <p class="panel-body muted" role="status">
        {state === "live" ? "Listening: a new record appears here at once." : (error?.message ?? "Connecting…")}
      </p>
      {records.length > 0 && <Records records={records} names={page.data?.names ?? {}} onOpen={onOpen} isSearch={search !== ""} />}
    </>
  );
}

function decisionOf({ outcome }: { readonly outcome: string }): Outcome {
  if (outcome === "refused") return "deny";
  if (outcome === "held" || outcome === "") return "pending";
  return outcome === "ok" ? "allow" : "error";
}

type Names = LedgerPage["names"];

const columnsWith = (names: Names): readonly Column<LedgerRecord>[] => [
  {
    id: "seq",
    title: "#",
    cell: ({ seq }) => (
      <a class="mono" href={`/console/ledger/${seq}${location.search}`}>
        {seq}
      </a>
    ),
  },
  { id: "at", title: "Time (UTC)", cell: (record) => <Time at={told(record).at} /> },
  { id: "agent", title: "Who", cell: (record) => <Agent id={told(record).agent || told(record).by} names={names} /> },
  { id: "what", title: "What", cell: (record) => <code class="wrap">{told(record).what}</code> },
  {
    id: "outcome",
    title: "Outcome",
    cell: (record) => {
      const { outcome, reason, kind } = told(record);
      if (outcome === "") return <Badge>{kind}</Badge>;
      const word = outcome === "ok" || outcome === "refused" ? reason : outcome;
      return <DecisionBadge decision={decisionOf({ outcome })} reason={word} />;
    },
  },
  {
    id: "ms",
    title: "Took",
    isNumber: true,
    cell: (record) => {
      const { durationMs } = told(record);
      return durationMs === null ? "–" : duration(durationMs);
    },
  },
];

/** Its own claim, or its id while that is not known; the id is who it is. */
function Agent({ id, names }: { readonly id: string; readonly names: Names }) {
  const name = names[id];
  if (name === undefined) return <span class="mono">{id.slice(0, 12)}</span>;
  return (
    <span class="wrap" title={id}>
      {name}
    </span>
  );
}

function Records({
  records,
  names,
  onOpen,
  isSearch,
}: {
  readonly records: readonly LedgerRecord[];
  readonly names: Names;
  readonly onOpen: ListProps["onOpen"];
  readonly isSearch: boolean;
}) {
  if (records.length > 0)
    return <Table caption="Records, newest first" columns={columnsWith(names)} rows={records} rowKey={({ seq }) => seq} onOpen={onOpen} />;
  return isSearch ? (
    <Empty icon="search" title="No record matches">
      <p>
        Terms are <code>name:value</code>, such as <code>tool:list_organizations</code>, <code>outcome:refused</code>,{" "}
        <code>agent:cl_…</code>, <code>since:2h</code>.
      </p>
    </Empty>
  ) : (
    <Empty icon="list" title="Nothing is on record yet">
      <p>Every call, refusal and change of access is written here, each record with the hash of the one before. Secrets never are.</p>
    </Empty>
  );
}
