const quotedForShell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A workflow for GitHub Actions: the critical cases for each push, all cases every night.
 * @param file the plan, relative to the folder.
 * @param folder where `npm ci` runs, relative to the root of the repository; empty for the root.
 */
export function githubWorkflow(file: string, folder: string): string {
  const rehearse = `npx --no -- alipay-hk-sandbox rehearse --file ${quotedForShell(file)}`;
  const under = folder === "" ? "" : `${folder}/`;
  const defaults = `    defaults:
      run:
        working-directory: ${JSON.stringify(folder)}
`;
  const lockFile = `          cache-dependency-path: ${JSON.stringify(`${under}package-lock.json`)}
`;
  return `# Plays the rehearsal of the Alipay HK sandbox: the critical cases for each push, all cases every night.
name: rehearsal
on:
  push:
  schedule:
    - cron: "17 3 * * *"
permissions:
  contents: read
jobs:
  rehearsal:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
${under === "" ? "" : defaults}    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
          cache: npm
${under === "" ? "" : lockFile}      - run: npm ci
      # Install here what your server needs.
      - if: github.event_name == 'push'
        run: |
          ${rehearse} --critical --report junit=rehearsal.xml,html=rehearsal.html
      - if: github.event_name == 'schedule'
        run: |
          ${rehearse} --report junit=rehearsal.xml,html=rehearsal.html
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: rehearsal
          path: |
            ${under}rehearsal.xml
            ${under}rehearsal.html
`;
}
