import { removeInitiateLoginUri, setInitiateLoginUri } from "./initiate-login-uri.ts";
import { listRedirectUris } from "./list-redirect-uris.ts";
import { addPostLogoutRedirectUri, removePostLogoutRedirectUri } from "./post-logout-redirect-uri.ts";
import { addRedirectUri, removeRedirectUri } from "./redirect-uri.ts";

export const uriTools = [
  listRedirectUris,
  addRedirectUri,
  removeRedirectUri,
  setInitiateLoginUri,
  removeInitiateLoginUri,
  addPostLogoutRedirectUri,
  removePostLogoutRedirectUri,
];
