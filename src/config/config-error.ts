/** A wrong option; the message names it, where it came from, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
