export { addStartCommand, greeting, serve, type Listening } from "./start.ts";
