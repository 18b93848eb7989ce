/** Pages on which a person decides about a request. */
export { decideDevice, showDevice } from "./device-page.ts";
export { decideInteraction, showInteraction } from "./interaction-page.ts";
