import { Empty } from "../../kit/index.ts";

export function Screen() {
  return <Empty title="Nothing here yet" />;
}
