import { afterAll, expect } from "vitest";
import { openSandboxes } from "./postgres-index.ts";

// After each test file on PostgreSQL: a sandbox that stays open holds connections until the end of the run.

afterAll(() => expect(openSandboxes()).toEqual([]));
