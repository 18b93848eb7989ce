export { INTERNAL_GRANTS, isInternalGrant, type InternalGrant } from "../internal-grants.ts";
