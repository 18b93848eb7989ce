export { confirmLink, createLink, findLink, sweepLinks, type Confirmed, type LinkField, type LinkView } from "./links.ts";
