/** Credentials with which tools call the product's own API: never the caller's token, which ends here. */
export { createUpstreams, type Upstreams } from "./upstreams.ts";
