/** What a server offers, in a form that can be hashed, signed and compared: its tools with their scopes, effects and schemas. No I/O. */
export { KINDS, diffSurfaces, type ChangeKind, type SurfaceChange } from "./diff-surfaces.ts";
export { MANIFEST_PATH, describeManifest, parseManifest, verifyManifest, type Manifest } from "./signed-manifest.ts";
export { describeSurface, hashSurface, parseSurface, type ToolSurface } from "./surface.ts";
export { wideningFor } from "./widening.ts";
