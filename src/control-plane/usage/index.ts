import { getUsage } from "./get-usage.ts";
import { usageApp } from "./usage-app.ts";

export const usageTools = [getUsage];
export const apps = [usageApp];
