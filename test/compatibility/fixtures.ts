import { readFileSync } from "node:fs";
import type { WorldViews } from "./views.ts";

/** The worlds of the fixtures. */
export const worlds = {
  full: "0ujtsYcgvSTl8PAuAdqWYSMnLOv",
  running: "37pcl4ZasJqoxOVsr8xlqywRx5c",
  delivering: "37pcl7rqBUkRDu2sgHvNQDSXxzS",
  firstUse: "37pclAVOQPLoadY9AY3DaEWpPMs",
} as const;

/** The sandbox that made the fixtures had this URL: the views contain page URLs. */
export const publicUrl = "http://127.0.0.1:8852";

export function readFixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/compatibility/${name}`, import.meta.url), "utf8");
}

/** The views that the earlier version showed of a world. */
export function earlierViews(name: string, processingAccountId: string): WorldViews {
  const views = (JSON.parse(readFixture(name)) as Record<string, WorldViews>)[processingAccountId];
  if (views === undefined) throw new Error(`${name} has no world ${processingAccountId}`);
  return views;
}
