/** An option is wrong. The message names the option, its value and origin, and what is expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
