/** What another issuer publishes: its keys, found by its metadata and kept up to date. */
export { fetchJson } from "./fetch-json.ts";
export { createRemoteKeys, type RemoteKeys } from "./remote-keys.ts";
