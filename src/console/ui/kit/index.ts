import "./kit.css";

export { Badge, DecisionBadge, Scope, type Outcome, type Tone } from "./badge.tsx";
export { Button, CopyButton } from "./button.tsx";
export { CodeBlock, Json } from "./code.tsx";
export { Confirm, Dialog } from "./dialog.tsx";
export { count, duration, percent, recordsOf, Time } from "./format.tsx";
export { Icon, type IconName } from "./icon.tsx";
export { Empty, Failed, Loaded, Panel } from "./panel.tsx";
export { Table, type Column } from "./table.tsx";
export { Tabs } from "./tabs.tsx";
export { toast, Toasts } from "./toast.tsx";
