const library = require("alipay-hk-sandbox");
const { exercise } = require("./exercise.cjs");

test("Jest requires the library", () => exercise(library));
test("Jest requires the database driver", async () => {
  const opening = library.createSandbox({ store: "postgres://127.0.0.1:1/none" });
  await expect(opening).rejects.toThrow(
    "The store cannot be used: the database at 127.0.0.1:1/none: connect ECONNREFUSED",
  );
});
