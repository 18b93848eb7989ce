/** The pages that people use: signing in, deciding about agents, and taking back what was allowed. */
export { createPages, type Pages } from "./pages.ts";
export { problemPage } from "./notice-page.ts";
export { signInPath } from "./return-to.ts";
export type * from "./page-deps.ts";
