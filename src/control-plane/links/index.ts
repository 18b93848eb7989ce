export { confirmLink, createLink, findLink, sweepLinks } from "./links.ts";
