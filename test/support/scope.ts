/** Whether this run is the whole matrix (`npm run test:full`). `npm test` tests every behaviour once. */
export const isFull = process.env.SANDBOX_TEST_SCOPE === "full";
