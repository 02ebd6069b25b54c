/** A row or an answer that the comparison did not reach. The message completes "not reached:". */
export class NotReached extends Error {
  override readonly name: string = "NotReached";
}

/** The comparison ends here: the target is gone, refuses the keys, or is live. */
export class Stop extends NotReached {
  override readonly name = "Stop";
}

/** The provider's domain. Its test system has the label `sandbox`; every other host there may be live. [plugin] */
const providerDomain = "nomupay.com";

/** Whether a host of the provider is not its test system. */
export function isLiveHost(host: string): boolean {
  const labels = host.toLowerCase().replace(/\.+$/, "").split(".");
  const isProvider = labels.slice(-2).join(".") === providerDomain;
  return isProvider && !labels.slice(0, -2).includes("sandbox");
}

/** Stops at `live: true`, wherever it is in a message. @param place what the message is. */
export function stopIfLive(value: unknown, place: string): void {
  const open = [value];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== "object" || node === null) continue;
    if ("live" in node && node.live === true) {
      throw new Stop(`${place} has "live": true: this is no test system, and the comparison stops`);
    }
    for (const member of Object.values(node)) open.push(member);
  }
}
