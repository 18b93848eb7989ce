/** The two files that pages load. Their address holds a digest of what they say, so that browsers may keep them for good. */
import { sha256Hex } from "../../../lib/secret.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";

const STYLE_PATH = "/assets/pages.css";
const SCRIPT_PATH = "/assets/pages.js";

const digest = (text: string): string => sha256Hex(text).slice(0, 16);

export const STYLE_URL = `${STYLE_PATH}?v=${digest(PAGE_STYLE)}`;
export const SCRIPT_URL = `${SCRIPT_PATH}?v=${digest(PAGE_SCRIPT)}`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2353c4"/><path d="M5 12V4h4a2.5 2.5 0 0 1 0 5H5m4 0 2.5 3" fill="none" stroke="#fff" stroke-width="1.6"/></svg>`;
export const ICON_URL = `data:image/svg+xml,${encodeURIComponent(ICON)}`;

export interface Asset {
  readonly body: string;
  readonly type: string;
  readonly version: string;
}

export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  [STYLE_PATH, { body: PAGE_STYLE, type: "text/css; charset=utf-8", version: digest(PAGE_STYLE) }],
  [SCRIPT_PATH, { body: PAGE_SCRIPT, type: "text/javascript; charset=utf-8", version: digest(PAGE_SCRIPT) }],
]);
