import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Badge, Scope } from "../../kit/index.ts";
import type { ScopeNeed, Surface } from "../../../contract.ts";

interface OfferListProps {
  readonly surface: Surface;
  readonly selected: string;
  readonly onTool: (name: string) => void;
  readonly onOther: (id: string) => void;
}

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly scopes: readonly ScopeNeed[];
  readonly description: string;
}

export function OfferList({ surface, selected, onTool, onOther }: OfferListProps) {
  const [filter, setFilter] = useState("");
  const list = useRef<HTMLDivElement>(null);
  // A link to a tool far down the list shows it there too.
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>("[aria-current]");
    if (chosen && list.current) list.current.scrollTop = chosen.offsetTop - list.current.offsetTop - list.current.clientHeight / 3;
  }, []);
  const listed = (all: readonly (Omit<Listed, "id"> & { readonly uri?: string })[]): readonly Listed[] =>
    all.map((each) => ({ ...each, id: each.uri ?? each.name })).filter((each) => matches(each, filter));
  const [tools, resources, prompts] = [listed(surface.tools), listed(surface.resources), listed(surface.prompts)];
  const groups: readonly (readonly [title: string, all: readonly Listed[], choose: (id: string) => void])[] = [
    ["Tools", tools, onTool],
    ["Resources", resources, onOther],
    ["Prompts", prompts, onOther],
  ];
  return (
    <nav class="offers panel" aria-label="Tools, resources and prompts">
      <div class="offers-filter">
        <input
          type="search"
          data-search
          aria-label="Filter"
          placeholder={`Filter ${surface.tools.length} tools…`}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      </div>
      <div class="offers-list" ref={list} onKeyDown={stepThrough}>
        {groups.map(([title, all, choose]) => all.length > 0 && <Group key={title} {...{ title, all, choose, selected }} />)}
        {groups.every(([, all]) => all.length === 0) && <p class="muted offers-none">Nothing matches.</p>}
      </div>
    </nav>
  );
}

interface GroupProps {
  readonly title: string;
  readonly all: readonly Listed[];
  readonly selected: string;
  readonly choose: (id: string) => void;
}

function Group({ title, all, selected, choose }: GroupProps): ComponentChildren {
  return (
    <>
      <h2 class="offers-title">
        {title} <span class="muted">{all.length}</span>
      </h2>
      <ul>
        {all.map((each) => (
          <li key={each.id}>
            <button type="button" class="offer" aria-current={each.id === selected ? "true" : undefined} onClick={() => choose(each.id)}>
              <code class="wrap">{each.name}</code>
              {each.title !== null && <span class="small">{each.title}</span>}
              <span class="row offer-scopes">
                {each.scopes.map(({ scope, held }) => (
                  <Scope key={scope} name={scope} held={held ?? undefined} />
                ))}
                {each.scopes.length === 0 && <Badge>no scope</Badge>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function matches({ name, title, description, scopes }: Listed, filter: string): boolean {
  const text = [name, title ?? "", description, ...scopes.map(({ scope }) => scope)].join(" ").toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Through the list by `j`, `k` and the arrows. */
function stepThrough(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = STEPS[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(".offer")];
  const to = all[all.findIndex((each) => each === document.activeElement) + step];
  if (to === undefined) return;
  event.preventDefault();
  to.focus();
}
