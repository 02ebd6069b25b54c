/**
 * A workflow for GitHub Actions: the critical cases for each push, all cases every night.
 * @param file the plan, relative to the root of the repository.
 */
export function githubWorkflow(file: string): string {
  const rehearse = `npx --no -- alipay-hk-sandbox rehearse --file ${file}`;
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
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
          cache: npm
      - run: npm ci
      # Install here what your server needs.
      - if: github.event_name == 'push'
        run: ${rehearse} --critical --report junit=rehearsal.xml,html=rehearsal.html
      - if: github.event_name == 'schedule'
        run: ${rehearse} --report junit=rehearsal.xml,html=rehearsal.html
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: rehearsal
          path: |
            rehearsal.xml
            rehearsal.html
`;
}
