/** Whether this is the whole matrix (`npm run test:full`) and not every behaviour once (`npm test`). */
export const isFull = process.env.SANDBOX_TEST_SCOPE === "full";
