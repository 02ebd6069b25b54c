const lateParts: readonly (() => Promise<unknown>)[] = [
  () => import("./pages/payer.ts"),
  () => import("./inspector/inspector.ts"),
  () => import("./pages/qr-code.ts").then(({ drawQrCode }) => drawQrCode("")),
  () => import("./control/snapshot-schema.ts"),
  () => import("./docs/files.ts"),
  () => import("./docs/page.ts"),
  () => import("./ui/layout.ts"),
  () => import("./api/openapi.ts"),
  () => import("./control/openapi.ts"),
];

/**
 * Loads what the surfaces load at their first use. A process without a free descriptor cannot load it, and Node keeps a
 * failed import for good: then the surface would be broken until the next start. One part after another, so that the
 * first requests do not wait for all.
 */
export async function loadLateParts(): Promise<void> {
  for (const load of lateParts) await load();
}
