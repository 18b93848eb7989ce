import { render } from "preact";
import "./tokens.css";
import { Shell } from "./shell/index.ts";

const root = document.querySelector("#console");
if (root !== null) render(<Shell />, root);
