import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";

export interface Line {
  readonly label: string;
  /** Name of the custom property that holds its colour. */
  readonly color: "--accent" | "--deny" | "--error";
  readonly dash?: readonly number[];
  /** A gap where a number is null: nothing is known, which is not zero. */
  readonly values: readonly (number | null)[];
}

const HEIGHT = 190;

/** Lines over time. The library is loaded by the first chart; the table of the same numbers stands below for those who do not see it. */
export function Chart({
  starts,
  lines,
  label,
}: {
  readonly starts: readonly number[];
  readonly lines: readonly Line[];
  readonly label: string;
}) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const host = ref.current;
    if (host === null) return undefined;
    let plot: uPlot | undefined;
    let isGone = false;
    const resize = new ResizeObserver(() => plot?.setSize({ width: host.clientWidth, height: HEIGHT }));
    const draw = async (): Promise<void> => {
      const { default: Plot } = await import("uplot");
      if (isGone) return;
      plot?.destroy();
      plot = new Plot(optionsOf(host, lines), [starts.map((at) => at / 1000), ...lines.map(({ values }) => [...values])], host);
    };
    void draw();
    resize.observe(host);
    // Colours are read when it is drawn, so another theme draws it again.
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = (): void => void draw();
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    scheme.addEventListener("change", redraw);
    return () => {
      isGone = true;
      resize.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", redraw);
      plot?.destroy();
    };
  }, [starts, lines]);
  return <div class="chart" ref={ref} role="img" aria-label={label} />;
}

function optionsOf(host: HTMLElement, lines: readonly Line[]): uPlot.Options {
  const style = getComputedStyle(host);
  const color = (name: string): string => style.getPropertyValue(name);
  const axis = { stroke: color("--muted"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "11px sans-serif" };
  return {
    width: host.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: true, points: { size: 6 } },
    axes: [
      { ...axis, size: 26, values: (_, splits) => splits.map(hourOf) },
      { ...axis, size: 44 },
    ],
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    series: [
      {},
      ...lines.map(({ label, color: name, dash }) => ({
        label,
        stroke: color(name),
        width: 1.6,
        ...(dash === undefined ? {} : { dash: [...dash] }),
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}

/** Seconds since 1970 as UTC: the hour, or the day where one begins. */
function hourOf(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  return iso.slice(11, 16) === "00:00" ? iso.slice(5, 10) : iso.slice(11, 16);
}
