export { Screen as default } from "./screen.tsx";
