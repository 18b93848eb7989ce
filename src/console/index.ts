/** The console: pages for people, and the API behind them. */
export { createConsole, type Console } from "./create-console.ts";
export { renderWelcome, type WelcomePage } from "./welcome-page.ts";
