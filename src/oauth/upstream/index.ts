/** Credentials with which tools call the product's own API: never the caller's token, which ends here. */
export { createUpstreams, type Upstreams, type UpstreamsDeps, type UpstreamUse } from "./upstreams.ts";
