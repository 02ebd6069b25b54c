import type { oas31 } from "zod-openapi";

/** An operation with its path, or the name of its webhook. */
export interface PlacedOperation {
  readonly method: string;
  readonly place: string;
  readonly id: string;
  readonly operation: oas31.OperationObject;
  /** For an operation within a world: the same operation at the root, which has the whole description. */
  readonly atRoot?: PlacedOperation | undefined;
}

/** The operations with one tag. */
export interface OperationGroup {
  readonly name: string;
  readonly description: string | undefined;
  readonly members: readonly PlacedOperation[];
}

const methods = ["get", "post", "put", "patch", "delete"];

const worldPath = "/worlds/{processingAccountId}";

/** The operations of a document by tag, in its order. */
export function groupsOf(document: oas31.OpenAPIObject): OperationGroup[] {
  const all = [...operationsIn(document.paths), ...operationsIn(document.webhooks)];
  const withRoots = all.map((one) => ({
    ...one,
    atRoot: all.find(({ method, place }) => method === one.method && isRootOf(place, one.place)),
  }));
  return (document.tags ?? []).map(({ name, description }) => ({
    name,
    description,
    members: withRoots.filter(({ operation }) => operation.tags?.includes(name)),
  }));
}

function isRootOf(place: string, inWorld: string): boolean {
  return inWorld.includes(`${worldPath}/`) && place === inWorld.replace(worldPath, "");
}

function operationsIn(paths: oas31.PathsObject = {}): PlacedOperation[] {
  return Object.entries(paths).flatMap(([place, item]) =>
    Object.entries(item).flatMap(([method, operation]: [string, oas31.OperationObject]) => {
      const id = operation.operationId ?? "";
      return methods.includes(method) ? [{ method: method.toUpperCase(), place, id, operation }] : [];
    }),
  );
}

/** The anchor of a group. */
export function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}
